//! The pages that are files of their own: the browser fetches them when one is first visited, or while it is idle.

use crate::{
    kernel::{api::ApiError, router::Route},
    pages, pages_more,
    ui::{Skeleton, Trouble},
};
use std::cell::Cell;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

type View = fn(&Route) -> Html;

/// Each variant is one file, beside one of what only the two share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The everyday pages: lists, one matter and its forms, search, notices, oneself.
    Desk,
    /// Import, overview, rules of time, administration, audit.
    Office,
}

impl Part {
    /// In the order in which they are fetched early.
    pub const ALL: [Self; 2] = [Self::Desk, Self::Office];

    async fn fetch(self) -> Result<View, SplitLoaderError> {
        match self {
            Self::Desk => desk().await,
            Self::Office => office().await,
        }
    }
}

// What these two reach and the first file doesn't goes into the parts' files: nothing else may name those pages.

#[wasm_split(desk, fallible)]
fn desk() -> Result<View, SplitLoaderError> {
    Ok(|route| match route {
        // The key makes another matter another page: no state of the last one is left.
        Route::List { kind } => html! { <pages::list::ListPage key={format!("list-{kind}")} kind={kind.clone()} /> },
        Route::New { kind } => html! { <pages::edit::NewPage key={format!("new-{kind}")} kind={kind.clone()} /> },
        Route::Edit { id } => html! { <pages::edit::EditPage key={format!("edit-{id}")} id={id.clone()} /> },
        Route::Detail { id } => html! { <pages::detail::DetailPage key={format!("detail-{id}")} id={id.clone()} /> },
        Route::Search => html! { <pages_more::SearchPage key="search" /> },
        Route::Notices => html! { <pages_more::NoticesPage key="notices" /> },
        Route::Profile => html! { <pages_more::ProfilePage key="profile" /> },
        _ => Html::default(),
    })
}

#[wasm_split(office, fallible)]
fn office() -> Result<View, SplitLoaderError> {
    Ok(|route| match route {
        Route::Import => html! { <pages_more::ImportPage key="import" /> },
        Route::ImportReview { id } => html! { <pages_more::ImportReview key={format!("import-{id}")} id={id.clone()} /> },
        Route::Overview => html! { <pages_more::OverviewPage key="overview" /> },
        Route::Calculator => html! { <pages_more::CalculatorPage key="calculator" /> },
        Route::Calendar => html! { <pages_more::CalendarPage key="calendar" /> },
        Route::Conservation => html! { <pages_more::ConservationPage key="conservation" /> },
        Route::Admin => html! { <pages_more::AdminPage key="admin" /> },
        Route::Audit => html! { <pages_more::AuditPage key="audit" /> },
        Route::Components => html! { <pages::components::ComponentsPage key="components" /> },
        _ => Html::default(),
    })
}

thread_local! {
    static VIEWS: [Cell<Option<View>>; Part::ALL.len()] = const { [const { Cell::new(None) }; Part::ALL.len()] };
}

fn view(part: Part) -> Option<View> {
    VIEWS.with(|views| views[part as usize].get())
}

async fn load(part: Part) -> Result<View, SplitLoaderError> {
    let loaded = part.fetch().await?;
    VIEWS.with(|views| views[part as usize].set(Some(loaded)));
    Ok(loaded)
}

/// How long the first page has the network and the processor to itself.
const FIRST_PAGE_MILLIS: u32 = 1_500;

/// Fetches the parts one after the other while the first page is read, so that the next click waits for nothing.
#[hook]
pub fn use_parts_early() {
    use_effect_with((), |()| {
        let later = gloo::timers::callback::Timeout::new(FIRST_PAGE_MILLIS, || {
            spawn_local(async {
                for part in Part::ALL {
                    // A part that is missing now is asked for again, and its absence explained, when its page is visited.
                    if load(part).await.is_err() {
                        return;
                    }
                }
            });
        });
        move || drop(later)
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Offline,
    /// The server answers, but not with what fits the page: it was renewed since the page was opened.
    Renewed,
}

async fn fault() -> Fault {
    let Some(window) = web_sys::window() else { return Fault::Offline };
    match JsFuture::from(window.fetch_with_str("/boot.js")).await {
        Ok(_) => Fault::Renewed,
        Err(_) => Fault::Offline,
    }
}

#[derive(Properties, PartialEq)]
pub struct PartPageProps {
    pub part: Part,
    pub route: Route,
}

/// A page of a part; at once when the part is here already.
#[component]
pub fn PartPage(props: &PartPageProps) -> Html {
    let part = props.part;
    let failed = use_state_eq(|| None::<Fault>);
    let turn = use_state_eq(|| 0_u32);
    let update = use_force_update();
    {
        let failed = failed.setter();
        use_effect_with((part, *turn), move |_| {
            if view(part).is_none() {
                spawn_local(async move {
                    match load(part).await {
                        Ok(_) => update.force_update(),
                        Err(_) => failed.set(Some(fault().await)),
                    }
                });
            }
        });
    }
    let retry = |fault: Fault| {
        let (failed, turn) = (failed.clone(), turn.clone());
        Callback::from(move |()| {
            if fault == Fault::Renewed {
                web_sys::window().into_iter().for_each(|window| drop(window.location().reload()));
            }
            failed.set(None);
            turn.set(*turn + 1);
        })
    };
    match (view(part), *failed) {
        (Some(view), _) => view(&props.route),
        (None, None) => html! { <Skeleton key="waiting" /> },
        (None, Some(fault)) => {
            let error = if fault == Fault::Renewed { ApiError::unreadable() } else { ApiError::offline() };
            html! { <Trouble key="failed" {error} retry={retry(fault)} /> }
        }
    }
}
