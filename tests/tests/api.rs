//! Stories of the work list against the running server, on the database that the environment names. One binary, one city:
//! the tests run side by side, so each makes its own matters and counts only those.

#[path = "api/attachments.rs"]
mod attachments;
#[path = "api/backup.rs"]
mod backup;
#[path = "api/bad.rs"]
mod bad;
#[path = "api/buttons.rs"]
mod buttons;
#[path = "api/calendar.rs"]
mod calendar;
#[path = "api/clocks.rs"]
mod clocks;
#[path = "api/concurrency.rs"]
mod concurrency;
#[path = "api/content.rs"]
mod content;
#[path = "api/contract.rs"]
mod contract;
#[path = "api/crowds.rs"]
mod crowds;
#[path = "api/daily.rs"]
mod daily;
#[path = "api/drill.rs"]
mod drill;
#[path = "api/endpoints.rs"]
mod endpoints;
#[path = "api/evidence.rs"]
mod evidence;
#[path = "api/exports.rs"]
mod exports;
#[path = "api/faults.rs"]
mod faults;
#[path = "api/figures.rs"]
mod figures;
#[path = "api/foreign_lists.rs"]
mod foreign_lists;
#[path = "api/groups.rs"]
mod groups;
#[path = "api/harm.rs"]
mod harm;
#[path = "api/import.rs"]
mod import;
#[path = "api/injection.rs"]
mod injection;
#[path = "api/isolation.rs"]
mod isolation;
#[path = "api/letters.rs"]
mod letters;
#[path = "api/lists.rs"]
mod lists;
#[path = "api/nodes.rs"]
mod nodes;
#[path = "api/operation.rs"]
mod operation;
#[path = "api/outages.rs"]
mod outages;
#[path = "api/plans.rs"]
mod plans;
#[path = "api/proofs.rs"]
mod proofs;
#[path = "api/protocol.rs"]
mod protocol;
#[path = "api/readiness.rs"]
mod readiness;
#[path = "api/references.rs"]
mod references;
#[path = "api/refusal.rs"]
mod refusal;
#[path = "api/repetition.rs"]
mod repetition;
#[path = "api/round_trips.rs"]
mod round_trips;
#[path = "api/secrets.rs"]
mod secrets;
#[path = "api/seen.rs"]
mod seen;
#[path = "api/separation.rs"]
mod separation;
#[path = "api/setup.rs"]
mod setup;
#[path = "api/sheets.rs"]
mod sheets;
#[path = "api/sign_in.rs"]
mod sign_in;
#[path = "api/staff.rs"]
mod staff;
#[path = "api/time.rs"]
mod time;
#[path = "api/tokens.rs"]
mod tokens;
#[path = "api/toy.rs"]
mod toy;
#[path = "api/toy_tables.rs"]
mod toy_tables;
#[path = "api/upgrade.rs"]
mod upgrade;
#[path = "api/walk.rs"]
mod walk;
#[path = "api/work_item.rs"]
mod work_item;
#[path = "api/work_list.rs"]
mod work_list;
