//! What every page stands on: the API, the session, routes, languages, forms and values. No page lives here.

pub mod api;
pub mod dates;
pub mod fields;
pub mod focus;
pub mod hooks;
pub mod i18n;
pub mod live;
pub mod lookup;
pub mod query;
pub mod router;
pub mod session;
pub mod storage;
pub mod toast;
pub mod values;
