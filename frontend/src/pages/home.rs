use yew::prelude::*;
#[component]
pub fn HomePage() -> Html { html! { <div></div> } }
