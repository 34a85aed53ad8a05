//! Colours in OKLCH, and the contrast of two colours.
//!
//! The matrices are those of <https://bottosson.github.io/posts/oklab/>, contrast is that of
//! WCAG 2.2.
#![expect(
    clippy::float_arithmetic,
    reason = "a colour is no money, and a screen has 256 steps"
)]

use std::fmt;

/// A colour of a screen; shows itself as `#b4431f`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// The same as lightness (0 to 1), chroma (0 is grey) and hue (degrees).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Oklch {
    pub(super) lightness: f64,
    pub(super) chroma: f64,
    pub(super) hue: f64,
}

impl Colour {
    pub(super) const BLACK: Self = Self::new(0, 0, 0);
    pub(super) const WHITE: Self = Self::new(255, 255, 255);

    pub(super) const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#b4431f`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self::new(part(0)?, part(2)?, part(4)?))
    }

    /// 1 (the same) to 21 (black and white).
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl From<Colour> for Oklch {
    fn from(colour: Colour) -> Self {
        let rgb = colour.linear();
        let lms = product(
            [
                [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
                [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
                [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
            ],
            rgb,
        )
        .map(f64::cbrt);
        let [lightness, a, b] = product(
            [
                [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
                [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
                [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
            ],
            lms,
        );
        Self {
            lightness,
            chroma: a.hypot(b),
            hue: b.atan2(a).to_degrees().rem_euclid(360.0),
        }
    }
}

impl Oklch {
    /// The screen's colour for it; with less chroma, where no screen has so much at this
    /// lightness.
    pub(super) fn on_screen(self) -> Colour {
        let mut colour = self;
        loop {
            let linear = colour.linear();
            let fits = |part: &f64| (-0.000_1..=1.000_1).contains(part);
            if linear.iter().all(fits) || colour.chroma < 0.000_1 {
                let [red, green, blue] = linear.map(encoded);
                return Colour::new(red, green, blue);
            }
            colour.chroma *= 0.98;
        }
    }

    fn linear(self) -> [f64; 3] {
        let (sin, cos) = self.hue.to_radians().sin_cos();
        let lms = product(
            [
                [1.0, 0.396_337_777_4, 0.215_803_757_3],
                [1.0, -0.105_561_345_8, -0.063_854_172_8],
                [1.0, -0.089_484_177_5, -1.291_485_548_0],
            ],
            [self.lightness, self.chroma * cos, self.chroma * sin],
        )
        .map(|part| part.powi(3));
        product(
            [
                [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
                [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
                [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
            ],
            lms,
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and 255"
)]
fn encoded(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let part = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (part * 255.0).round() as u8
}

fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    /// From CSS Color 4, and its examples.
    #[test]
    fn oklch_values_are_those_of_css() {
        for (text, lightness, chroma, hue) in [
            ("#ff0000", 0.628, 0.2577, 29.23),
            ("#00ff00", 0.8664, 0.2948, 142.5),
            ("#0000ff", 0.452, 0.3132, 264.05),
            ("#ffffff", 1.0, 0.0, 0.0),
            ("#808080", 0.5999, 0.0, 0.0),
        ] {
            let is = Oklch::from(colour(text));
            assert!((is.lightness - lightness).abs() < 0.001, "{text} {is:?}");
            assert!((is.chroma - chroma).abs() < 0.001, "{text} {is:?}");
            assert!(chroma == 0.0 || (is.hue - hue).abs() < 0.1, "{text} {is:?}");
        }
    }

    #[test]
    fn contrast_values_are_those_of_wcag() {
        for (a, b, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#767676", "#ffffff", 4.54),
            ("#777777", "#ffffff", 4.48),
            ("#0000ff", "#ffffff", 8.59),
        ] {
            let (a, b) = (colour(a), colour(b));
            assert!((a.contrast(b) - ratio).abs() < 0.01, "{a} {b}");
            assert_eq!(a.contrast(b), b.contrast(a));
        }
    }

    #[test]
    fn a_colour_comes_back_from_oklch() {
        for text in [
            "#b4431f", "#000000", "#ffffff", "#00ffff", "#ffff00", "#123456",
        ] {
            assert_eq!(Oklch::from(colour(text)).on_screen().to_string(), text);
        }
    }

    #[test]
    fn a_colour_beyond_the_screen_loses_chroma_only() {
        let neon = Oklch {
            lightness: 0.7,
            chroma: 0.4,
            hue: 200.0,
        };
        let shown = Oklch::from(neon.on_screen());
        assert!(shown.chroma < 0.2, "{shown:?}");
        assert!((shown.lightness - 0.7).abs() < 0.01, "{shown:?}");
        assert!((shown.hue - 200.0).abs() < 2.0, "{shown:?}");
    }

    #[test]
    fn only_six_digits_after_a_hash_are_a_colour() {
        for text in [
            "red",
            "#fff",
            "b4431f",
            "#b4431g",
            "#b4431f00",
            "#+1+1+1",
            "",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }
}
