use yew::prelude::*;
#[component]
pub fn ComponentsPage() -> Html { html! { <div></div> } }
