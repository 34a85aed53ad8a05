//! The link into GoPay as a QR code, for a buyer who opens the shop on a computer.

use qrcode::{EcLevel, QrCode, render::svg::Color};

/// Pixels of its edge; it is drawn in lines, and sharp at any size.
const SIZE: u32 = 240;

/// A picture of this link in SVG, black on white in every theme and with the white margin that
/// cameras look for; `None` if a code cannot hold so much.
pub(crate) fn svg(link: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let mut picture = code.render();
    picture
        .min_dimensions(SIZE, SIZE)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .quiet_zone(true);
    Some(picture.build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rqrr::PreparedImage;

    /// Reads the number behind `before`.
    fn number(text: &str, before: &str) -> usize {
        let (_, after) = text.split_once(before).unwrap();
        let end = after.find(|it: char| !it.is_ascii_digit()).unwrap();
        after[..end].parse().unwrap()
    }

    /// What the picture shows, pixel by pixel, and what a camera reads in it.
    fn read(svg: &str) -> String {
        let size = number(svg, " width=\"");
        let mut pixels = vec![255_u8; size * size];
        let (_, path) = svg.split_once(" d=\"").unwrap();
        for square in path.split('M').skip(1) {
            let (left, rest) = square.split_once(' ').unwrap();
            let (left, top): (usize, usize) = (left.parse().unwrap(), {
                let end = rest.find('h').unwrap();
                rest[..end].parse().unwrap()
            });
            for y in top..top + number(square, "v") {
                for x in left..left + number(square, "h") {
                    pixels[y * size + x] = 0;
                }
            }
        }
        let mut image =
            PreparedImage::prepare_from_greyscale(size, size, |x, y| pixels[y * size + x]);
        let [grid] = <[_; 1]>::try_from(image.detect_grids()).ok().unwrap();
        grid.decode().unwrap().1
    }

    #[test]
    fn the_picture_says_the_link() {
        for link in [
            "gopay://mini-app?id=kedai&source=web",
            "https://gopay.co.id/app/mini-app/kedai-senja?utm=\"a\"&b=<c>",
            "http://localhost:9090/",
        ] {
            assert_eq!(read(&svg(link).unwrap()), link);
        }
        let long = format!("https://gopay.co.id/{}", "0123456789abcdef".repeat(20));
        assert_eq!(read(&svg(&long).unwrap()), long);
    }

    #[test]
    fn the_picture_has_a_margin_of_four_squares_in_white() {
        let picture = svg("http://localhost:9090/").unwrap();
        assert!(picture.contains("fill=\"#fff\"") && picture.contains("fill=\"#000\""));
        // The first square is the corner of a code, seven squares wide.
        let (_, path) = picture.split_once(" d=\"").unwrap();
        assert_eq!(number(path, "M") % 4, 0);
        assert_eq!(number(path, "M") / 4, number(path, "v"));
    }

    #[test]
    fn a_link_that_no_code_can_hold_has_no_picture() {
        assert_eq!(svg(&"x".repeat(3_000)), None);
    }
}
