//! The root: contexts around, the page of the address inside.

use crate::{
    kernel::{
        i18n::{LangProvider, use_lang},
        router::Route,
        session::{AccessView, SessionGate},
        toast::ToastProvider,
    },
    pages,
    parts::{Part, PartPage},
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
        return html! { <div key="components"><PartPage part={Part::Office} route={Route::Components} /></div> };
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
        AccessView::SetUpCodes { go_on, sign_out } => html! {
            <div key="codes"><pages::second_factor::SecondFactorPage go_on={go_on.clone()} sign_out={sign_out.clone()} /></div>
        },
        AccessView::Failed(error, retry) => html! {
            <div key="failed" class="gate"><div class="card pad"><crate::ui::Trouble error={error.clone()} retry={Some(retry.clone())} /></div></div>
        },
    }
}

fn page(route: Route) -> Html {
    match route {
        Route::Home | Route::Login => html! { <pages::home::HomePage key="home" /> },
        Route::Inbox => html! { <pages::inbox::InboxPage key="inbox" /> },
        Route::NotFound => html! { <pages::not_found::NotFoundPage key="missing" /> },
        Route::List { .. } | Route::New { .. } | Route::Edit { .. } | Route::Detail { .. } | Route::Search | Route::Notices | Route::Profile => {
            html! { <PartPage key="desk" part={Part::Desk} {route} /> }
        }
        Route::Import
        | Route::ImportReview { .. }
        | Route::Overview
        | Route::Calculator
        | Route::Calendar
        | Route::Conservation
        | Route::Admin
        | Route::Audit
        | Route::Components => html! { <PartPage key="office" part={Part::Office} {route} /> },
    }
}
