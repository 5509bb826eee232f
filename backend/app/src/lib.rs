//! The product around the kernel: command line, demonstration city, the server with the client embedded.

pub mod command;
pub mod demo;
pub mod import;
pub mod server;
