"""The themes a zoning can use, and what each must look like."""
