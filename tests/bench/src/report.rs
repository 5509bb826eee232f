//! Figures as a table and as JSON.

use serde_json::{Value, json};

/// What a figure must be.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Told for what it is worth.
    None,
}

#[derive(Debug, Clone)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub goal: Goal,
    /// What it was computed from, in words.
    pub from: String,
}

impl Figure {
    pub fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::AtLeast(least) => Some(self.value >= least),
            Goal::AtMost(most) => Some(self.value <= most),
            Goal::None => None,
        }
    }
}

#[derive(Default)]
pub struct Report(Vec<Figure>);

impl Report {
    pub fn add(&mut self, name: impl Into<String>, value: f64, goal: Goal, from: impl Into<String>) {
        let figure = Figure { name: name.into(), value, goal, from: from.into() };
        eprintln!("  {}", line(&figure));
        self.0.push(figure);
    }

    pub fn table(&self) -> String {
        self.0.iter().map(|figure| line(figure) + "\n").collect()
    }

    pub fn json(&self) -> Value {
        let figure = |figure: &Figure| {
            let goal = match figure.goal {
                Goal::AtLeast(least) => json!({ "at_least": least }),
                Goal::AtMost(most) => json!({ "at_most": most }),
                Goal::None => Value::Null,
            };
            json!({ "name": figure.name, "value": figure.value, "goal": goal, "met": figure.met(), "from": figure.from })
        };
        self.0.iter().map(figure).collect()
    }
}

fn line(figure: &Figure) -> String {
    let goal = match figure.goal {
        Goal::AtLeast(least) => format!(">= {least}"),
        Goal::AtMost(most) => format!("<= {most}"),
        Goal::None => String::new(),
    };
    let met = match figure.met() {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    format!("{:<58} {:>10.2}  {goal:<9} {met:<4} {}", figure.name, figure.value, figure.from)
}
