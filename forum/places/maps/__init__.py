"""Maps drawn on the server: outlines that ship, projections, dots. Nothing here knows what a dot stands for."""
