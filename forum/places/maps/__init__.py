"""Maps drawn on the server: outlines that ship, projections, and dots on top. Nothing here knows what a dot stands for."""
