use yew::prelude::*;
#[derive(Properties, PartialEq)]
pub struct ListPageProps { pub kind: String }
#[component]
pub fn ListPage(props: &ListPageProps) -> Html { html! { <div>{ &props.kind }</div> } }
