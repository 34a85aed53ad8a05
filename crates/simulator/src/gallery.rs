//! Every state of a mini app, side by side and each by its own address: `/gallery`.
//!
//! What a state is made of is the mini app's business and comes from its files: the address
//! that is opened, what GoPay's container and the app's own back end answer there, what is
//! tapped. The SDK stand-in plays that in the shipped app's page (`assets/gallery-state.js`);
//! no other back end is asked.

mod body;
mod file;
mod pages;

pub(crate) use pages::{router, shown};

use file::File;
use serde_json::{Map, Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Languages of an app, as `?lang=` has them.
const LANGUAGES: [&str; 2] = ["id", "en"];
/// The phone's colours, as `?theme=` has them.
const THEMES: [&str; 2] = ["light", "dark"];
/// Widths of phones, in CSS pixels.
const WIDTHS: [u32; 3] = [360, 390, 412];

/// The states of a mini app, ready to be played.
#[derive(Debug, Clone, Default)]
pub struct Gallery(Vec<Scene>);

/// One state.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Unique; lower-case letters, digits and hyphens.
    pub name: String,
    /// What one sees, in English.
    pub title: String,
    /// What it is shown under.
    pub group: String,
    /// Path and query that are opened in the app.
    pub open: String,
    /// What the page plays: `answers`, `gopay`, `meta`, `steps` and `shows`.
    pub play: Value,
}

/// Why there is no gallery.
#[derive(Debug, thiserror::Error)]
pub enum GalleryError {
    /// The folder, or a file in it, is not to be read.
    #[error("cannot read the gallery's {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not have the form of one.
    #[error("{path} is no file of a gallery")]
    Form {
        /// Which.
        path: PathBuf,
        /// Where and why not.
        source: serde_json::Error,
    },
    /// A state cannot be what it says.
    #[error("the gallery's state {name} {why}")]
    State {
        /// Which.
        name: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// No file has a state in it.
    #[error("{path} has no states: name the folder with the gallery's .json files")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl Gallery {
    /// Reads all `.json` files of a folder, in the order of their names.
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
            let file: File = serde_json::from_str(&text)
                .map_err(|source| GalleryError::Form { path, source })?;
            files.push(file);
        }
        let gallery = Self::of(&files)?;
        match gallery.0.is_empty() {
            true => Err(GalleryError::Empty {
                path: folder.to_owned(),
            }),
            false => Ok(gallery),
        }
    }

    /// All states, in the order of the files.
    pub fn scenes(&self) -> &[Scene] {
        &self.0
    }

    /// The state of this name.
    pub fn scene(&self, name: &str) -> Option<&Scene> {
        self.0.iter().find(|scene| scene.name == name)
    }

    fn of(files: &[File]) -> Result<Self, GalleryError> {
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
            state.check().map_err(wrong)?;
            if gallery.scene(&state.name).is_some() {
                return Err(wrong(
                    "is there twice: give each a name of its own".to_owned(),
                ));
            }
            let with = |always: &Map<String, Value>, own: Map<String, Value>| {
                let mut all = always.clone();
                all.extend(own);
                body::fill_in(Value::Object(all), &bodies).map_err(wrong)
            };
            gallery.0.push(Scene {
                name: state.name.clone(),
                title: state.title.clone(),
                group: file.group.clone(),
                open: state.open.clone(),
                play: json!({
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

    /// What `/gallery.json` says; `app` is the app's origin.
    fn listed(&self, app: &str) -> Value {
        let states: Vec<Value> = (self.0.iter()).map(|scene| scene.listed(app)).collect();
        json!({"languages": LANGUAGES, "themes": THEMES, "widths": WIDTHS, "states": states})
    }
}

impl Scene {
    fn listed(&self, app: &str) -> Value {
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
            "taps": self.play["steps"].as_array().map_or(0, Vec::len),
            "variants": variants.collect::<Vec<Value>>(),
        })
    }
}

#[cfg(test)]
mod tests;
