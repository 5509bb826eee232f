//! Placeholders; the real pages live on another branch.

use yew::prelude::*;

macro_rules! placeholder {
    ($($name:ident),*) => {$(
        #[component]
        pub fn $name() -> Html {
            html! { <div class="head"><h1>{ stringify!($name) }</h1></div> }
        }
    )*};
}

placeholder!(ImportPage, OverviewPage, SearchPage, NoticesPage, AdminPage, AuditPage, CalendarPage, CalculatorPage, ConservationPage, ProfilePage);

#[derive(Properties, PartialEq)]
pub struct ImportReviewProps {
    pub id: String,
}

#[component]
pub fn ImportReview(props: &ImportReviewProps) -> Html {
    html! { <div class="head"><h1>{ &props.id }</h1></div> }
}
