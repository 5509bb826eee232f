//! Filling an empty installation.
