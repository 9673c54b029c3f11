"""What staff see of cases: HTTP only, at most one service call per view."""
