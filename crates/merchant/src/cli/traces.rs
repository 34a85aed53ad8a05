//! Traces: each request and what GoPay is asked meanwhile, sent to an OpenTelemetry collector.
//!
//! Not here: which spans there are.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, Tracer},
};
use url::Url;

/// Where a collector takes traces over HTTP, below its address.
const PATH: &str = "/v1/traces";

/// Sends spans from a thread of its own, and those that are left when this is dropped.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    pub(super) fn begin(endpoint: &Url) -> Result<Self, ExporterBuildError> {
        let endpoint = format!("{}{PATH}", endpoint.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(endpoint)
            .build()?;
        let resource = Resource::builder().with_service_name("merchant").build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    pub(super) fn tracer(&self) -> Tracer {
        self.0.tracer("merchant")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // The process ends: nobody is left who could be told.
        let _ = self.0.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, extract::State, routing::post};
    use std::sync::{Arc, Mutex};
    use test_kit::serve;
    use tracing_subscriber::layer::SubscriberExt;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_span_arrives_at_the_collector() {
        let received = Arc::<Mutex<String>>::default();
        let take = async |State(received): State<Arc<Mutex<String>>>, body: String| {
            received.lock().unwrap().push_str(&body);
            "{}"
        };
        let router = Router::new()
            .route(PATH, post(take))
            .with_state(Arc::clone(&received));
        let (address, _) = serve(router).await;
        let endpoint = Url::parse(&format!("http://{address}")).unwrap();
        let sent = tokio::task::spawn_blocking(move || {
            let traces = Traces::begin(&endpoint).unwrap();
            let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer());
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::with_default(subscriber, || {
                let _span = tracing::info_span!("request", request_id = "abc").entered();
            });
            drop(traces);
        });
        sent.await.unwrap();
        let received = received.lock().unwrap();
        assert!(received.contains("\"request\""), "{received}");
        assert!(received.contains("\"abc\""), "{received}");
    }
}
