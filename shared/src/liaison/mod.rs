//! Liaison 联络.
