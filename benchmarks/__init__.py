"""The same work side by side: netlib, PyTorch, scikit-learn, and the bare matrix products."""
