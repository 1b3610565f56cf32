"""The harness that holds refmixed against other software, and the bridge to R."""
