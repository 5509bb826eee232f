//! The pages that are files of their own: the browser fetches them when one is first visited, or while it is idle.

use crate::{
    kernel::{api::ApiError, router::Route},
    pages, pages_more,
    ui::{Skeleton, Trouble},
};
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

type View = fn(&Route) -> Html;

/// Each variant is one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One matter: reading and writing it.
    Matter,
    /// What the linkage office does beyond single matters.
    Office,
    /// Everyone's other pages, and administration.
    Rest,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Matter, Self::Office, Self::Rest];

    async fn fetch(self) -> Result<View, SplitLoaderError> {
        match self {
            Self::Matter => matter().await,
            Self::Office => office().await,
            Self::Rest => rest().await,
        }
    }
}

#[wasm_split(matter, fallible)]
fn matter() -> Result<View, SplitLoaderError> {
    Ok(|route| match route {
        Route::New { kind } => html! { <pages::edit::NewPage key={format!("new-{kind}")} kind={kind.clone()} /> },
        Route::Edit { id } => html! { <pages::edit::EditPage key={format!("edit-{id}")} id={id.clone()} /> },
        Route::Detail { id } => html! { <pages::detail::DetailPage key={format!("detail-{id}")} id={id.clone()} /> },
        _ => Html::default(),
    })
}

#[wasm_split(office, fallible)]
fn office() -> Result<View, SplitLoaderError> {
    Ok(|route| match route {
        Route::Import => html! { <pages_more::ImportPage key="import" /> },
        Route::ImportReview { id } => html! { <pages_more::ImportReview key={format!("import-{id}")} id={id.clone()} /> },
        Route::Overview => html! { <pages_more::OverviewPage key="overview" /> },
        Route::Calendar => html! { <pages_more::CalendarPage key="calendar" /> },
        Route::Conservation => html! { <pages_more::ConservationPage key="conservation" /> },
        _ => Html::default(),
    })
}

#[wasm_split(rest, fallible)]
fn rest() -> Result<View, SplitLoaderError> {
    Ok(|route| match route {
        Route::Search => html! { <pages_more::SearchPage key="search" /> },
        Route::Notices => html! { <pages_more::NoticesPage key="notices" /> },
        Route::Calculator => html! { <pages_more::CalculatorPage key="calculator" /> },
        Route::Profile => html! { <pages_more::ProfilePage key="profile" /> },
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

#[derive(Properties, PartialEq)]
pub struct PartPageProps {
    pub part: Part,
    pub route: Route,
}

/// A page of a part, at once when the part is here already.
#[component]
pub fn PartPage(props: &PartPageProps) -> Html {
    let part = props.part;
    let failed = use_state(|| None::<ApiError>);
    let turn = use_state(|| 0_u32);
    let update = use_force_update();
    {
        let failed = failed.clone();
        use_effect_with((part, *turn), move |_| {
            if view(part).is_none() {
                spawn_local(async move {
                    match load(part).await {
                        Ok(_) => update.force_update(),
                        Err(_) => failed.set(Some(ApiError::offline())),
                    }
                });
            }
        });
    }
    match (view(part), &*failed) {
        (Some(view), _) => view(&props.route),
        (None, None) => html! { <Skeleton /> },
        (None, Some(error)) => {
            let failed = failed.clone();
            let retry = Callback::from(move |()| {
                failed.set(None);
                turn.set(*turn + 1);
            });
            html! { <Trouble error={error.clone()} {retry} /> }
        }
    }
}
