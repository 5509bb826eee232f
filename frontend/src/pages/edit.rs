use yew::prelude::*;
#[derive(Properties, PartialEq)]
pub struct NewPageProps { pub kind: String }
#[component]
pub fn NewPage(props: &NewPageProps) -> Html { html! { <div>{ &props.kind }</div> } }
#[derive(Properties, PartialEq)]
pub struct EditPageProps { pub id: String }
#[component]
pub fn EditPage(props: &EditPageProps) -> Html { html! { <div>{ &props.id }</div> } }
