//! Every state of a mini app, side by side and each under its own address: `/gallery`.
//!
//! The mini app's files describe each state: the address to open, the answers of GoPay's container
//! and of the app's back end, the taps. The SDK stand-in plays them in the shipped app's page
//! (`assets/gallery-state.js`); no back end is asked.

mod body;
mod file;
mod routes;

pub(crate) use routes::{overview_router, state_router};

use file::GalleryFile;
use serde_json::{Map, Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const LANGUAGES: [&str; 2] = ["id", "en"];
const THEMES: [&str; 2] = ["light", "dark"];
/// In CSS pixels.
const WIDTHS: [u32; 3] = [360, 390, 412];

/// The states of a mini app.
#[derive(Debug, Clone, Default)]
pub struct Gallery(Vec<GalleryState>);

#[derive(Debug, Clone)]
pub struct GalleryState {
    /// Unique; lower-case letters, digits and hyphens.
    pub name: String,
    /// In English.
    pub title: String,
    /// The heading in the overview.
    pub group: String,
    /// Path and query to open in the app.
    pub open: String,
    /// The page's script: `answers`, `gopay`, `meta`, `steps` and `shows`.
    pub script: Value,
}

/// A folder is not a gallery.
#[derive(Debug, thiserror::Error)]
pub enum GalleryError {
    #[error("cannot read the gallery's {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is no file of a gallery")]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("the gallery's state {name} {why}")]
    State { name: String, why: String },
    #[error("{path} has no states: name the folder with the gallery's .json files")]
    Empty { path: PathBuf },
}

impl Gallery {
    /// Reads all `.json` files of a folder, by name.
    pub fn open(folder: &Path) -> Result<Self, GalleryError> {
        let read = |path: &Path| {
            let path = path.to_owned();
            |source| GalleryError::Read { path, source }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(read(folder))? {
            let path = entry.map_err(read(folder))?.path();
            if path.extension().is_some_and(|end| end == "json") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(read(&path))?;
            let file: GalleryFile = serde_json::from_str(&text)
                .map_err(|source| GalleryError::Form { path, source })?;
            files.push(file);
        }
        let gallery = Self::from_files(&files)?;
        match gallery.0.is_empty() {
            true => Err(GalleryError::Empty {
                path: folder.to_owned(),
            }),
            false => Ok(gallery),
        }
    }

    /// All states, in the order of the files.
    pub fn states(&self) -> &[GalleryState] {
        &self.0
    }

    pub fn state(&self, name: &str) -> Option<&GalleryState> {
        self.0.iter().find(|state| state.name == name)
    }

    fn from_files(files: &[GalleryFile]) -> Result<Self, GalleryError> {
        let mut bodies = Map::new();
        let (mut answers, mut gopay) = (Map::new(), Map::new());
        for file in files {
            bodies.extend(file.bodies.clone());
            answers.extend(file.always.answers.to_map());
            gopay.extend(file.always.gopay.to_map());
        }
        let mut gallery = Self::default();
        for (file, state) in
            (files.iter()).flat_map(|file| file.states.iter().map(move |s| (file, s)))
        {
            let wrong = |why: String| GalleryError::State {
                name: state.name.clone(),
                why,
            };
            state.validate().map_err(wrong)?;
            if gallery.state(&state.name).is_some() {
                return Err(wrong(
                    "is there twice: give each a name of its own".to_owned(),
                ));
            }
            let with = |always: &Map<String, Value>, own: Map<String, Value>| {
                let mut all = always.clone();
                all.extend(own);
                body::expand(Value::Object(all), &bodies).map_err(wrong)
            };
            gallery.0.push(GalleryState {
                name: state.name.clone(),
                title: state.title.clone(),
                group: file.group.clone(),
                open: state.open.clone(),
                script: json!({
                    "answers": with(&answers, state.answers.to_map())?,
                    "gopay": with(&gopay, state.gopay.to_map())?,
                    "meta": state.meta,
                    "steps": state.steps,
                    "shows": state.shows,
                }),
            });
        }
        Ok(gallery)
    }

    /// The content of `/gallery.json`; `app` is the app's origin.
    fn to_json(&self, app: &str) -> Value {
        let states: Vec<Value> = (self.0.iter()).map(|state| state.to_json(app)).collect();
        json!({"languages": LANGUAGES, "themes": THEMES, "widths": WIDTHS, "states": states})
    }
}

impl GalleryState {
    fn to_json(&self, app: &str) -> Value {
        let and = if self.open.contains('?') { '&' } else { '?' };
        let url = format!("{app}{}{and}gallery={}", self.open, self.name);
        let variants = LANGUAGES.iter().flat_map(|language| {
            let url = &url;
            (THEMES.iter()).map(move |theme| {
                let url = format!("{url}&lang={language}&theme={theme}");
                json!({"language": language, "theme": theme, "url": url})
            })
        });
        json!({
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "url": url,
            "taps": self.script["steps"].as_array().map_or(0, Vec::len),
            "variants": variants.collect::<Vec<Value>>(),
        })
    }
}

#[cfg(test)]
mod tests;
