use yew::prelude::*;
#[derive(Properties, PartialEq)]
pub struct DetailPageProps { pub id: String }
#[component]
pub fn DetailPage(props: &DetailPageProps) -> Html { html! { <div>{ &props.id }</div> } }
