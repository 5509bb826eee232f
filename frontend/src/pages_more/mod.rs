//! The pages around the matters: import, overview, search, notices, administration, audit, calendar and oneself.
//! They stand on the client's kernel through `kit`; none of them knows another.

mod admin;
mod audit;
mod calculator;
mod calendar;
mod conservation;
mod exports;
mod import;
mod import_review;
mod kit;
mod notices;
mod overview;
mod profile;
mod search;

pub use admin::AdminPage;
pub use audit::AuditPage;
pub use calculator::CalculatorPage;
pub use calendar::CalendarPage;
pub use conservation::ConservationPage;
pub use import::ImportPage;
pub use import_review::ImportReview;
pub use notices::NoticesPage;
pub use overview::OverviewPage;
pub use profile::ProfilePage;
pub use search::SearchPage;
