//! The root: contexts around, the page of the address inside.

use crate::{
    kernel::{
        i18n::{LangProvider, use_lang},
        router::Route,
        session::{AccessView, SessionGate},
        toast::ToastProvider,
    },
    pages, pages_more,
    shell::Shell,
    ui::Skeleton,
};
use shared::kernel::messages as m;
use yew::prelude::*;
use yew_router::prelude::*;

#[component]
pub fn App() -> Html {
    html! {
        <LangProvider>
            <ToastProvider>
                <BrowserRouter>
                    <Gate />
                </BrowserRouter>
            </ToastProvider>
        </LangProvider>
    }
}

#[component]
fn Gate() -> Html {
    let outside = use_callback((), |view: AccessView, ()| html! { <Outside {view} /> });
    // The components' page needs no one signed in, for photographs.
    if use_route::<Route>() == Some(Route::Components) {
        return html! { <div key="components"><pages::components::ComponentsPage /></div> };
    }
    html! {
        <div key="gate">
            <SessionGate {outside}>
                <Shell><Switch<Route> render={page} /></Shell>
            </SessionGate>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OutsideProps {
    view: AccessView,
}

#[component]
fn Outside(props: &OutsideProps) -> Html {
    let lang = use_lang();
    match &props.view {
        AccessView::Opening => html! { <div key="opening" class="boot" role="status">{ m::OPENING.in_lang(lang) }<Skeleton /></div> },
        AccessView::SignIn { expired } => html! { <div key="login"><pages::login::LoginPage expired={*expired} /></div> },
        AccessView::ChangePassword(me) => html! { <div key="password"><pages::login::FirstPasswordPage me={me.clone()} /></div> },
        AccessView::Failed(error, retry) => html! {
            <div key="failed" class="gate"><div class="card pad"><crate::ui::Trouble error={error.clone()} retry={Some(retry.clone())} /></div></div>
        },
    }
}

fn page(route: Route) -> Html {
    // The key makes another matter another page: no state of the last one is left.
    match route {
        Route::Home | Route::Login => html! { <pages::home::HomePage key="home" /> },
        Route::Inbox => html! { <pages::inbox::InboxPage key="inbox" /> },
        Route::List { kind } => html! { <pages::list::ListPage key={format!("list-{kind}")} kind={kind.clone()} /> },
        Route::New { kind } => html! { <pages::edit::NewPage key={format!("new-{kind}")} kind={kind.clone()} /> },
        Route::Detail { id } => html! { <pages::detail::DetailPage key={format!("detail-{id}")} id={id.clone()} /> },
        Route::Edit { id } => html! { <pages::edit::EditPage key={format!("edit-{id}")} id={id.clone()} /> },
        Route::Import => html! { <pages_more::ImportPage key="import" /> },
        Route::ImportReview { id } => html! { <pages_more::ImportReview key={format!("import-{id}")} id={id.clone()} /> },
        Route::Overview => html! { <pages_more::OverviewPage key="overview" /> },
        Route::Search => html! { <pages_more::SearchPage key="search" /> },
        Route::Notices => html! { <pages_more::NoticesPage key="notices" /> },
        Route::Admin => html! { <pages_more::AdminPage key="admin" /> },
        Route::Audit => html! { <pages_more::AuditPage key="audit" /> },
        Route::Calendar => html! { <pages_more::CalendarPage key="calendar" /> },
        Route::Calculator => html! { <pages_more::CalculatorPage key="calculator" /> },
        Route::Conservation => html! { <pages_more::ConservationPage key="conservation" /> },
        Route::Profile => html! { <pages_more::ProfilePage key="profile" /> },
        Route::Components => html! { <pages::components::ComponentsPage key="components" /> },
        Route::NotFound => html! { <pages::not_found::NotFoundPage key="missing" /> },
    }
}
