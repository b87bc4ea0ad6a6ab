"""What a territory's layers are: territory, catalogue, sources, provenance, workspace, styles and map layers."""
