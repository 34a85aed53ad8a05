//! Checks a product's picture: its format, and bytes that a buyer downloads and does not see.

use std::fs;
use std::path::Path;

use super::identity::Picture;

/// The side of the square that the menu shows it in, in CSS pixels (`--picture` in tokens.css).
const DISPLAY_SIZE: usize = 104;

/// Device pixels for each of CSS, on the densest phone.
const MAX_PIXEL_RATIO: usize = 3;

/// Twice what the densest phone can show.
const MAX_SIDE: usize = 2 * DISPLAY_SIZE * MAX_PIXEL_RATIO;

/// Ten products of this weight are on a phone in a second or two, on a slow network.
const MAX_BYTES: usize = 60 * 1024;

/// One line for the user.
pub(super) fn problem(picture: &Picture, path: &Path) -> Option<String> {
    let about = |what: &str| {
        Some(format!(
            "product {:?}: {}: {what}",
            picture.product, picture.image
        ))
    };
    let Ok(bytes) = fs::read(path) else {
        return about("cannot be read");
    };
    let kilobytes = bytes.len().div_ceil(1024);
    let enough = DISPLAY_SIZE * MAX_PIXEL_RATIO;
    let remedy = format!(
        "it is shown {DISPLAY_SIZE} pixels wide, so {enough}x{enough} is enough; save it smaller, as JPEG or WebP"
    );
    if is_svg(&bytes) {
        return match bytes.len() > MAX_BYTES {
            true => about(&format!(
                "{kilobytes} KB are a lot for a drawing: simplify it"
            )),
            false => None,
        };
    }
    let Ok(size) = imagesize::blob_size(&bytes) else {
        return about("is no picture that every phone shows: use SVG, PNG, JPEG or WebP");
    };
    let (width, height) = (size.width, size.height);
    if width.max(height) > MAX_SIDE || bytes.len() > MAX_BYTES {
        return about(&format!("{width}x{height} and {kilobytes} KB: {remedy}"));
    }
    if width.min(height) < DISPLAY_SIZE {
        return about(&format!(
            "{width}x{height} is less than the {DISPLAY_SIZE}x{DISPLAY_SIZE} that it is shown in: it will look blurred"
        ));
    }
    if width.max(height) > 2 * width.min(height) {
        return about(&format!(
            "{width}x{height} is far from the square that it is shown in"
        ));
    }
    None
}

fn is_svg(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(4096)];
    beginning.windows(4).any(|part| part == b"<svg") && !beginning.contains(&0)
}

#[cfg(test)]
mod tests {
    use test_kit::TempDir;

    use super::*;

    /// The head of a PNG of this size, and as many bytes after it.
    fn png(width: u32, height: u32, weight: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.resize(weight, 0);
        bytes
    }

    fn said(bytes: &[u8]) -> Option<String> {
        let folder = TempDir::create();
        let path = folder.join("picture");
        fs::write(&path, bytes).unwrap();
        let picture = Picture {
            product: "mawar".to_owned(),
            image: "/assets/mawar.jpg".to_owned(),
        };
        problem(&picture, &path)
    }

    #[test]
    fn a_picture_is_as_large_as_it_is_shown() {
        assert_eq!(said(&png(320, 320, 20_000)), None);
        assert_eq!(said(&png(400, 300, 20_000)), None);
        assert_eq!(said(b"<?xml version=\"1.0\"?>\n<svg></svg>"), None);
        for (bytes, expected) in [
            (
                png(1600, 1200, 20_000),
                "1600x1200 and 20 KB: it is shown 104",
            ),
            (png(320, 320, 275 * 1024), "320x320 and 275 KB: "),
            (png(60, 60, 1_000), "60x60 is less than"),
            (png(600, 200, 1_000), "far from the square"),
            (b"hello".to_vec(), "is no picture"),
            (Vec::new(), "is no picture"),
        ] {
            let said = said(&bytes).unwrap();
            assert!(said.contains(expected), "{said}");
            assert!(
                said.starts_with("product \"mawar\": /assets/mawar.jpg: "),
                "{said}"
            );
        }
    }
}
