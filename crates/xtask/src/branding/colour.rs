//! Colours of a screen and in OKLCH, and the contrast of two colours, which is that of WCAG 2.2.
#![expect(
    clippy::float_arithmetic,
    reason = "a colour is no money, and a screen has 256 steps"
)]

use std::fmt;

use color::{LinearSrgb, OpaqueColor, Rgba8, Srgb, parse_color};

/// Lightness (0 to 1), chroma (0 is grey) and hue (degrees).
pub(super) type Oklch = OpaqueColor<color::Oklch>;

/// A colour of a screen; shows itself as `#b4431f`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(Rgba8);

impl Colour {
    pub(super) const BLACK: Self = Self::new(0, 0, 0);
    pub(super) const WHITE: Self = Self::new(255, 255, 255);

    pub(super) const fn new(r: u8, g: u8, b: u8) -> Self {
        Self(Rgba8 { r, g, b, a: 255 })
    }

    /// Reads `#b4431f`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_long = text.len() == 7 && text.starts_with('#');
        let colour = is_long.then(|| parse_color(text).ok()).flatten()?;
        Some(Self(colour.to_alpha_color::<Srgb>().to_rgba8()))
    }

    fn srgb(self) -> OpaqueColor<Srgb> {
        OpaqueColor::from_rgb8(self.0.r, self.0.g, self.0.b)
    }

    pub(super) fn oklch(self) -> Oklch {
        self.srgb().convert()
    }

    /// With less chroma, where no screen has so much at this lightness.
    pub(super) fn nearest(mut colour: Oklch) -> Self {
        loop {
            let linear = colour.convert::<LinearSrgb>();
            let fits = |part: &f32| (-0.000_1..=1.000_1).contains(part);
            if linear.components.iter().all(fits) || colour.components[1] < 0.000_1 {
                return Self(linear.to_rgba8());
            }
            colour = colour.scale_chroma(0.98);
        }
    }

    /// 1 (the same) to 21 (black and white).
    pub(super) fn contrast(self, other: Self) -> f32 {
        let [a, b] = [self, other].map(|colour| colour.srgb().relative_luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
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
            let is = colour(text).oklch().components;
            assert!((is[0] - lightness).abs() < 0.001, "{text} {is:?}");
            assert!((is[1] - chroma).abs() < 0.001, "{text} {is:?}");
            assert!(chroma == 0.0 || (is[2] - hue).abs() < 0.1, "{text} {is:?}");
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
            assert_eq!(Colour::nearest(colour(text).oklch()).to_string(), text);
        }
    }

    #[test]
    fn a_colour_beyond_the_screen_loses_chroma_only() {
        let neon = Oklch::new([0.7, 0.4, 200.0]);
        let [lightness, chroma, hue] = Colour::nearest(neon).oklch().components;
        assert!(chroma < 0.2, "{chroma}");
        assert!((lightness - 0.7).abs() < 0.01, "{lightness}");
        assert!((hue - 200.0).abs() < 2.0, "{hue}");
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
