"""A zoning held against what is known of the ground: reference points, surveys, mapped fields, plans in force."""
