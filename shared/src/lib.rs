//! What the server and the client agree on: the kinds of matter, their workflow, clocks and fields, the
//! problems, the messages and the shapes of the API.
//!
//! Pure: nothing here reads a wall clock, a file or a socket, and nothing here knows actix or sea-orm.
//! It builds for wasm32, so that the client decides by the same code as the server.

pub mod kernel;
pub mod liaison;
pub mod registry;
