//! Counting of statutory and agreed time limits.
