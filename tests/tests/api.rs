//! Stories of the work list against the running server, on the database that the environment names. One binary, one city:
//! the tests run side by side, so each makes its own matters and counts only those.

#[path = "api/attachments.rs"]
mod attachments;
#[path = "api/calendar.rs"]
mod calendar;
#[path = "api/concurrency.rs"]
mod concurrency;
#[path = "api/evidence.rs"]
mod evidence;
#[path = "api/import.rs"]
mod import;
#[path = "api/isolation.rs"]
mod isolation;
#[path = "api/lists.rs"]
mod lists;
#[path = "api/proofs.rs"]
mod proofs;
#[path = "api/refusal.rs"]
mod refusal;
#[path = "api/sheets.rs"]
mod sheets;
#[path = "api/sign_in.rs"]
mod sign_in;
#[path = "api/work_item.rs"]
mod work_item;
