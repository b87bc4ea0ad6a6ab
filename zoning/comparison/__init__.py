"""Two studies side by side: what changed, why, and which improvement would lift how many hectares."""
