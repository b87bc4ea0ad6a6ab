"""How sure the zones are: many zonings with limits, climate and elevation moved by their stated spread."""
