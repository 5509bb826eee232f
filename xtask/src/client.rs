//! The client: Rust to WebAssembly, the glue beside it, style sheets in one file, all in `target/client`, which the server embeds.

use crate::{
    first_page, fresh, packed, wasm_opt,
    workspace::{self, cargo, client_dir, command, output, root},
};
use anyhow::{Context, Result, anyhow, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

const TRIPLE: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm";

/// Later sheets refine earlier ones; others follow by name.
const SHEETS: &[&str] = &["tokens.css", "components.css", "pages.css", "pages_more.css"];

/// Files of `frontend/` that are served as they are.
const SERVED: &[&str] = &["html", "js", "svg", "png", "ico", "webmanifest"];

pub fn run(force: bool) -> Result<()> {
    build(force)?;
    first_page::weigh()
}

/// Clippy on the client, with the profile of its build: both share the macros they need.
pub fn lint() -> Result<()> {
    workspace::run(&mut cargo(&["clippy", "-p", "frontend", "--lib", "--target", TRIPLE, "--profile", PROFILE, "--", "-D", "warnings"]))
}

/// Builds unless the last build is newer than all it is made of.
pub fn build(force: bool) -> Result<()> {
    if !force && fresh::is_fresh()? {
        println!("the client is up to date");
        return Ok(());
    }
    add_target()?;
    check_versions()?;
    // The relocations are what tells the parts of the program apart.
    let compile = ["rustc", "-p", "frontend", "--lib", "--target", TRIPLE, "--profile", PROFILE, "--crate-type", "cdylib", "--", "-C"];
    workspace::run(cargo(&compile).arg("link-arg=--emit-relocs"))?;
    // Into a folder beside it, so that a failure leaves the last good client in place.
    let fresh = client_dir().with_file_name("client.new");
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    let compiled = workspace::target().join(TRIPLE).join(PROFILE);
    let main = compiled.join("frontend.main.wasm");
    let parts = split(&compiled.join("frontend.wasm"), &main, &fresh)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(main)
        .out_name("app")
        .web(true)?
        .typescript(false)
        // The parts find what they share with the first file by these names.
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&fresh)
        .context("wasm-bindgen could not process the client")?;
    wasm_opt::shrink(&fresh.join("app_bg.wasm"))?;
    for part in parts {
        wasm_opt::shrink(&part)?;
    }
    fs::write(fresh.join("app.css"), style_sheet()?)?;
    for path in files(&root().join("frontend"))? {
        if let Some(name) = path.file_name().filter(|_| has_extension(&path, SERVED)) {
            fs::copy(&path, fresh.join(name))?;
        }
    }
    packed::beside(&fresh)?;
    let _ = fs::remove_dir_all(client_dir());
    fs::rename(&fresh, client_dir())?;
    Ok(())
}

/// Cuts the compiled program into the file of the first page and the files of the other parts (`frontend/src/parts.rs`).
fn split(program: &Path, main: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let bytes = fs::read(program)?;
    let mut options = wasm_split_cli_support::Options::new(&bytes);
    options.output_dir = dir;
    options.main_out_path = main;
    options.link_name = "./parts.js";
    options.main_module = "./app.js";
    let split = wasm_split_cli_support::transform(options).map_err(|cause| anyhow!("the client could not be split: {cause:?}"))?;
    Ok(split.split_modules)
}

/// The server's crate embeds the folder, so it must be there even before the first build.
pub fn ensure_folder() -> Result<()> {
    Ok(fs::create_dir_all(client_dir())?)
}

pub fn add_target() -> Result<()> {
    if workspace::which("rustup").is_none() {
        println!("note: there is no rustup; the compiler's own {TRIPLE} target is used");
        return Ok(());
    }
    let installed = output(command("rustup").args(["target", "list", "--installed"]))?;
    if !installed.lines().any(|target| target == TRIPLE) {
        workspace::run(command("rustup").args(["target", "add", TRIPLE]))?;
    }
    Ok(())
}

/// The file format between compiler and glue changes with every version: both must be the same one.
fn check_versions() -> Result<()> {
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock"))?.parse().context("Cargo.lock can't be read")?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock has no packages")?;
    let version = |name: &str| {
        let package = packages.iter().find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))?;
        package.get("version")?.as_str()
    };
    let (client, tool) = (version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
    if client != tool {
        bail!(
            "Cargo.lock has wasm-bindgen {client:?} and wasm-bindgen-cli-support {tool:?}: set both to one version in frontend/Cargo.toml and xtask/Cargo.toml"
        );
    }
    Ok(())
}

fn style_sheet() -> Result<String> {
    let mut sheets: Vec<PathBuf> = files(&root().join("frontend/src/styles"))?.into_iter().filter(|path| has_extension(path, &["css"])).collect();
    sheets.sort_by_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (SHEETS.iter().position(|sheet| *sheet == name).unwrap_or(SHEETS.len()), name)
    });
    let texts = sheets.iter().map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(texts.join("\n"))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| extensions.contains(&extension))
}

/// The files of one folder; none when it isn't there.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
}
