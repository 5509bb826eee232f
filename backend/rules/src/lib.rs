//! What the server decides by rule alone: without a database, a request, a clock or an actor. Here it can be proven by unit tests,
//! for which the kernel, who has all of these, would have to be compiled a second time.

pub mod database_url;
pub mod facets;
pub mod files;
pub mod headings;
pub mod ids;
pub mod proof;
pub mod schema;
pub mod unit_names;
