//! The files of `docs/deploy`, read by the programs that they are for, where these are installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::outcome::Outcome;
use crate::process;
use crate::tools::node;
use crate::workspace::{self, Workspace};

const FOLDER: &str = "docs/deploy";

/// The highest exposure that `systemd-analyze security` may find, in tenths. It finds 96 without any hardening.
const MAX_EXPOSURE: &str = "15";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let scratch = workspace.path("target/deploy");
    fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    let mut outcome = Outcome::check(true);
    for file in [
        "compose.yaml",
        "prometheus.yml",
        "alarms.yml",
        "alarms_test.yml",
    ] {
        let file = workspace.path(FOLDER).join(file);
        let at = || file.display().to_string();
        let mut yaml = node::script(workspace, "yaml/bin.mjs");
        yaml.arg("valid")
            .stdin(fs::File::open(&file).with_context(at)?);
        outcome.is_broken |= !process::run("yaml", &mut yaml)?.success();
    }
    let mut missing = Vec::new();
    for (program, commands) in checks(&workspace.path(FOLDER), &scratch)? {
        if !is_installed(program) {
            missing.push(program);
            continue;
        }
        for mut command in commands {
            let output = command.output().with_context(|| program.to_owned())?;
            if !output.status.success() {
                process::print(&String::from_utf8_lossy(&output.stdout));
                process::print(&String::from_utf8_lossy(&output.stderr));
                outcome.is_broken = true;
            }
        }
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        outcome.not_run.push(format!(
            "{FOLDER} was not read by these programs, which are not installed: {missing}"
        ));
    }
    Ok(outcome)
}

fn is_installed(program: &str) -> bool {
    let arguments: &[&str] = match program {
        "docker compose" => &["compose", "version"],
        "nginx" => &["-v"],
        "caddy" => &["version"],
        _ => &["--version"],
    };
    let executable = program.split(' ').next().unwrap_or(program);
    process::output_of(Command::new(executable).args(arguments)).is_some()
}

/// The commands by the program that they need.
fn checks(files: &Path, scratch: &Path) -> Result<Vec<(&'static str, Vec<Command>)>> {
    let command = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(files);
        command
    };
    // It asks whether the program is there.
    let unit = scratch.join("merchant.service");
    let text = workspace::read(&files.join("merchant.service"))?;
    write(&unit, &text.replace("/usr/local/bin/merchant", "/bin/true"))?;
    let mut verify = command("systemd-analyze", &["verify"]);
    verify.arg(&unit);
    let mut security = command("systemd-analyze", &["security", "--offline=true"]);
    security.args(["--threshold", MAX_EXPOSURE]).arg(&unit);
    let (compose_name, mut compose) = match is_installed("docker-compose") {
        true => ("docker-compose", command("docker-compose", &[])),
        false => ("docker compose", command("docker", &["compose"])),
    };
    compose
        .args(["--file", "compose.yaml", "config", "--quiet"])
        .env("SHOP", "shop.example");
    let mut caddy = command("caddy", &["adapt", "--validate", "--adapter", "caddyfile"]);
    caddy
        .args(["--config", "Caddyfile"])
        .env("SHOP", "shop.example");
    let prometheus = [
        // With the rules that it names.
        ["check", "config", "prometheus.yml"],
        ["test", "rules", "alarms_test.yml"],
    ];
    let prometheus = prometheus.map(|arguments| command("promtool", &arguments));
    Ok(vec![
        ("systemd-analyze", vec![verify, security]),
        (compose_name, vec![compose]),
        ("caddy", vec![caddy]),
        ("promtool", prometheus.into()),
        ("nginx", nginx(files, scratch)?),
    ])
}

/// nginx opens certificate, log and ports even to test a configuration: it gets others. Their paths are relative, for
/// that of the folder may have spaces.
fn nginx(files: &Path, scratch: &Path) -> Result<Vec<Command>> {
    let server = workspace::read(&files.join("nginx.conf"))?
        .replace("/etc/letsencrypt/live/shop.example/", "")
        .replace("/var/log/nginx/", "")
        .replace(":80;", ":8080;")
        .replace("listen 80;", "listen 8080;")
        .replace(":443 ", ":8443 ")
        .replace("listen 443 ", "listen 8443 ");
    let main = format!(
        "pid nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{server}\n}}\n"
    );
    let path = scratch.join("nginx.conf");
    write(&path, &main)?;
    let mut certificate = Command::new("openssl");
    certificate
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-subj",
            "/CN=shop.example",
            "-keyout",
            "privkey.pem",
            "-out",
            "fullchain.pem",
        ])
        .current_dir(scratch);
    let mut nginx = Command::new("nginx");
    nginx.arg("-t").arg("-c").arg(&path).arg("-p").arg(scratch);
    Ok(vec![certificate, nginx])
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(name: &str) -> String {
        let workspace = Workspace::find().unwrap();
        workspace::read(&workspace.path(FOLDER).join(name)).unwrap()
    }

    fn configuration() -> toml::Table {
        text("merchant.toml").parse().unwrap()
    }

    fn key_files(table: &toml::Table, found: &mut BTreeSet<String>) {
        for (key, value) in table {
            match value {
                toml::Value::Table(table) => key_files(table, found),
                toml::Value::Array(values) => {
                    for value in values {
                        match value {
                            toml::Value::Table(table) => key_files(table, found),
                            toml::Value::String(file) if key.ends_with("_files") => {
                                found.insert(file.clone());
                            }
                            _ => {}
                        }
                    }
                }
                toml::Value::String(file) if key.ends_with("_file") => {
                    found.insert(file.clone());
                }
                _ => {}
            }
        }
    }

    #[test]
    fn the_service_gets_each_key_file() {
        let mut files = BTreeSet::from(["merchant.toml".to_owned()]);
        key_files(&configuration(), &mut files);
        assert!(files.len() > 4, "{files:?}");
        let expected: BTreeSet<_> = (files.iter())
            .map(|file| format!("{file}:/etc/merchant/{file}"))
            .collect();
        let unit = text("merchant.service");
        let given = unit
            .lines()
            .filter_map(|line| line.strip_prefix("LoadCredential="));
        let given: BTreeSet<_> = given.map(str::to_owned).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn each_key_of_the_configuration_is_described_in_the_merchants() {
        let workspace = Workspace::find().unwrap();
        let described = workspace::read(&workspace.path("crates/merchant/merchant.toml")).unwrap();
        let keys = |text: &str| -> BTreeSet<String> {
            let lines = text.lines().map(|line| line.trim_start_matches("# "));
            let keys = lines.filter_map(|line| line.split_once(" = "));
            keys.map(|(key, _)| key.to_owned()).collect()
        };
        let described = keys(&described);
        let text: String = (text("merchant.toml").lines())
            .filter(|line| !line.starts_with('#'))
            .fold(String::new(), |all, line| all + line + "\n");
        let unknown: Vec<_> = keys(&text).difference(&described).cloned().collect();
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn the_image_has_what_the_configuration_names() {
        let containerfile = text("Containerfile");
        let configuration = configuration();
        assert!(containerfile.contains("COPY dist /srv/merchant/dist\n"));
        assert_eq!(configuration["dist"].as_str(), Some("/srv/merchant/dist"));
        assert!(containerfile.contains("COPY shop.toml /srv/merchant/\n"));
        let catalogue = configuration["mini_app"][0]["catalogue"].as_str();
        assert_eq!(catalogue, Some("/srv/merchant/shop.toml"));
    }

    #[test]
    fn the_composed_merchant_believes_the_proxy_only_and_cannot_write_to_its_image() {
        let compose = text("compose.yaml");
        let value = |key: &str| {
            let (_, rest) = compose.split_once(key).unwrap();
            rest.split_whitespace().next().unwrap().to_owned()
        };
        let proxy = value("ipv4_address:");
        assert_eq!(value("MERCHANT_LIMITS_TRUSTED_PROXIES:"), proxy);
        let (_, merchant) = compose.split_once("\n  merchant-1: &merchant\n").unwrap();
        let (merchant, _) = merchant.split_once("\n  merchant-2: *merchant\n").unwrap();
        for line in ["read_only: true", "cap_drop: [ALL]"] {
            assert!(merchant.contains(line), "{line}");
        }
        // A published port goes past the proxy.
        assert!(!merchant.contains("ports:"));
    }

    /// Names with one of these beginnings, wherever they stand.
    fn metrics(text: &str) -> BTreeSet<String> {
        text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
            .filter(|word| word.starts_with("merchant_") || word.starts_with("process_"))
            .map(str::to_owned)
            .collect()
    }

    fn documented_metrics() -> BTreeSet<String> {
        let workspace = Workspace::find().unwrap();
        let text = workspace::read(&workspace.path("docs/OBSERVABILITY.md")).unwrap();
        let (_, text) = text.split_once("\n## Metrics\n").unwrap();
        let (text, _) = text.split_once("\n## ").unwrap();
        metrics(text)
    }

    /// Of the dashboard, with the expressions that each has.
    fn panels() -> Vec<(serde_json::Value, Vec<String>)> {
        let dashboard: serde_json::Value =
            serde_json::from_str(&text("grafana-merchant.json")).unwrap();
        let panels = dashboard["panels"].as_array().unwrap().iter();
        let panels = panels.filter(|panel| panel["type"] != "row");
        let expressions = |panel: &serde_json::Value| {
            let targets = panel["targets"].as_array().unwrap().iter();
            let expression = |target: &serde_json::Value| target["expr"].as_str().unwrap().into();
            targets.map(expression).collect()
        };
        panels
            .map(|panel| (panel.clone(), expressions(panel)))
            .collect()
    }

    #[test]
    fn dashboard_and_alarms_ask_for_metrics_that_are_documented() {
        let documented = documented_metrics();
        let expressions: Vec<_> = panels().into_iter().flat_map(|(_, it)| it).collect();
        let shown = metrics(&expressions.join(" "));
        let mut asked = shown.clone();
        asked.extend(metrics(&text("alarms.yml")));
        let of_histogram = |name: &String| {
            let parts = ["_bucket", "_sum", "_count"];
            let whole = parts.iter().find_map(|part| name.strip_suffix(part));
            whole.map_or_else(|| name.clone(), str::to_owned)
        };
        let asked: BTreeSet<_> = asked.iter().map(of_histogram).collect();
        let unknown: Vec<_> = asked.difference(&documented).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let shown: BTreeSet<_> = shown.iter().map(of_histogram).collect();
        let not_shown: Vec<_> = documented.difference(&shown).collect();
        assert!(not_shown.is_empty(), "in no panel: {not_shown:?}");
    }

    #[test]
    fn each_panel_has_a_unit_and_says_what_a_bad_value_means() {
        for (panel, expressions) in panels() {
            let title = panel["title"].as_str().unwrap();
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
            assert!(unit.is_some_and(|unit| !unit.is_empty()), "{title}");
            let description = panel["description"].as_str().unwrap_or_default();
            assert!(description.len() > 20, "{title}: {description}");
            assert!(!description.contains('\n'), "{title}: {description}");
            assert!(!expressions.is_empty(), "{title}");
        }
    }

    #[test]
    fn each_alarm_has_its_entry_in_the_runbook_and_a_case_in_which_it_fires() {
        let alarms = text("alarms.yml");
        let alarms: Vec<_> = (alarms.lines())
            .filter_map(|line| line.trim().strip_prefix("- alert: "))
            .collect();
        assert!(alarms.len() > 10, "{alarms:?}");
        let workspace = Workspace::find().unwrap();
        let operations = workspace::read(&workspace.path("docs/OPERATIONS.md")).unwrap();
        let (rules, cases) = (text("alarms.yml"), text("alarms_test.yml"));
        for alarm in alarms {
            let entry = format!("\n### {alarm}\n");
            assert!(operations.contains(&entry), "no entry: {alarm}");
            let link = format!("docs/OPERATIONS.md#{}\n", alarm.to_lowercase());
            assert!(rules.contains(&link), "no link: {alarm}");
            let case = format!("name: {alarm} fires\n");
            assert!(cases.contains(&case), "no case: {alarm}");
        }
    }
}
