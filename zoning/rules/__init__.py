"""The method as data: crops, rules, and what they become for one set of layers."""
