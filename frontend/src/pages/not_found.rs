use yew::prelude::*;
#[component]
pub fn NotFoundPage() -> Html { html! { <div></div> } }
