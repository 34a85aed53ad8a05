//! Pages that are ready, made once for each version of what was built.

use super::{
    asset_route::Boot,
    csp_keyword::Keyword,
    page::{Page, Template},
};
use std::{
    error::Error,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::{sync::Mutex, task::spawn_blocking};

/// The bundle's page, by what it shows first and by its policy.
#[derive(Debug)]
pub(super) struct PageCache {
    file: PathBuf,
    template: Arc<Template>,
    ready: RwLock<Vec<Ready>>,
    /// Held while one is made, so that it is made once.
    making: Mutex<()>,
}

#[derive(Debug, Clone)]
struct Ready {
    built: Arc<str>,
    boot: Boot,
    keyword: Keyword,
    page: Arc<Page>,
}

impl PageCache {
    pub(super) fn new(file: PathBuf, template: Template) -> Self {
        Self {
            file,
            template: Arc::new(template),
            ready: RwLock::default(),
            making: Mutex::default(),
        }
    }

    /// The page of the version that is there now.
    ///
    /// The file is read every time, which costs less than a stale page: a bundle that was
    /// unpacked or copied can differ from the one before in nothing but its content, for all
    /// hashes are of one length and all files may have been given the same time.
    pub(super) async fn get(
        &self,
        boot: Boot,
        keyword: Keyword,
    ) -> Result<Arc<Page>, Box<dyn Error + Send + Sync>> {
        let built = tokio::fs::read_to_string(&self.file).await?;
        if let Some(page) = self.find(&built, boot, keyword) {
            return Ok(page);
        }
        let _alone = self.making.lock().await;
        if let Some(page) = self.find(&built, boot, keyword) {
            return Ok(page);
        }
        let template = Arc::clone(&self.template);
        let ready = spawn_blocking(move || {
            Page::make(&template, &built, boot, keyword).map(|page| Ready {
                built: built.into(),
                boot,
                keyword,
                page: Arc::new(page),
            })
        })
        .await??;
        let page = Arc::clone(&ready.page);
        let mut all = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| (it.boot, it.keyword) != (boot, keyword));
        all.push(ready);
        Ok(page)
    }

    fn find(&self, built: &str, boot: Boot, keyword: Keyword) -> Option<Arc<Page>> {
        let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
        let ready = ready
            .iter()
            .find(|it| (it.boot, it.keyword) == (boot, keyword) && *it.built == *built)?;
        Some(Arc::clone(&ready.page))
    }
}
