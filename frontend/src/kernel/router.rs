//! Addresses of the client. A link is a plain path; what it shows is decided here.

use super::query::Query;
use yew::prelude::*;
use yew_router::{prelude::*, query::Raw};

#[derive(Debug, Clone, PartialEq, Routable)]
pub enum Route {
    #[at("/")]
    Home,
    #[at("/login")]
    Login,
    #[at("/inbox")]
    Inbox,
    #[at("/list/:kind")]
    List { kind: String },
    #[at("/new/:kind")]
    New { kind: String },
    #[at("/matters/:id")]
    Detail { id: String },
    #[at("/matters/:id/edit")]
    Edit { id: String },
    #[at("/import")]
    Import,
    #[at("/import/:id")]
    ImportReview { id: String },
    #[at("/overview")]
    Overview,
    #[at("/search")]
    Search,
    #[at("/notices")]
    Notices,
    #[at("/admin")]
    Admin,
    #[at("/audit")]
    Audit,
    #[at("/calendar")]
    Calendar,
    #[at("/calculator")]
    Calculator,
    #[at("/conservation")]
    Conservation,
    #[at("/profile")]
    Profile,
    #[at("/dev/components")]
    Components,
    #[not_found]
    #[at("/404")]
    NotFound,
}

/// Goes to an address like `/inbox?box=todo`.
#[derive(Clone, PartialEq)]
pub struct Go(Option<Navigator>);

impl Go {
    pub fn to(&self, address: &str) {
        let Some(navigator) = &self.0 else { return };
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let route = Route::recognize(path).unwrap_or(Route::NotFound);
        // `push_with_query` can only fail on a query that can't be encoded; this one is encoded already.
        let _ = if query.is_empty() {
            navigator.push(&route);
            Ok(())
        } else {
            navigator.push_with_query(&route, Raw(query))
        };
    }
    /// Changes the address without a new entry in the history, for filters.
    pub fn replace(&self, address: &str) {
        let Some(navigator) = &self.0 else { return };
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let route = Route::recognize(path).unwrap_or(Route::NotFound);
        let _ = if query.is_empty() {
            navigator.replace(&route);
            Ok(())
        } else {
            navigator.replace_with_query(&route, Raw(query))
        };
    }
    pub fn back(&self) {
        if let Some(navigator) = &self.0 {
            navigator.back();
        }
    }
}

#[hook]
pub fn use_go() -> Go {
    Go(use_navigator())
}

/// The query of the present address.
#[hook]
pub fn use_query_string() -> Query {
    Query::parse(use_location().as_ref().map(Location::query_str).unwrap_or_default())
}

#[derive(Properties, PartialEq)]
pub struct AProps {
    pub href: AttrValue,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub current: bool,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub children: Html,
}

/// A link inside the client.
#[component]
pub fn A(props: &AProps) -> Html {
    let go = use_go();
    let onclick = {
        let href = props.href.clone();
        Callback::from(move |event: MouseEvent| {
            if event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key() || event.button() != 0 {
                return;
            }
            event.prevent_default();
            go.to(&href);
        })
    };
    html! {
        <a href={props.href.clone()} class={props.class.clone()} aria-current={props.current.then_some("page")} aria-label={props.label.clone()} {onclick}>
            { props.children.clone() }
        </a>
    }
}
