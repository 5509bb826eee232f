use yew::prelude::*;
#[component]
pub fn InboxPage() -> Html { html! { <div></div> } }
