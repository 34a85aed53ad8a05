//! Derives all colours from the shop's accent.
//!
//! Invariant: for every accent, each pair of colours has the contrast of WCAG 2.2 AA: 4.5 for text, 3 for
//! other parts. The accent gives hue and chroma; lightness is the theme's and moves where contrast needs it.
#![expect(
    clippy::float_arithmetic,
    reason = "a colour is no money, and a screen has 256 steps"
)]

use super::colour::{Colour, Oklch};

const TEXT_CONTRAST: f32 = 4.5;
/// Of parts without words, such as the ring around what has the focus.
const NON_TEXT_CONTRAST: f32 = 3.0;

/// Light surfaces lean towards this hue.
const WARM_HUE: f32 = 68.0;
/// An accent of this chroma or more tints fully.
const FULL_CHROMA: f32 = 0.155;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

#[derive(Debug)]
pub(super) struct Palette {
    pub(super) paper: Colour,
    pub(super) card: Colour,
    pub(super) ink: Colour,
    pub(super) soft: Colour,
    pub(super) line: Colour,
    pub(super) field: Colour,
    pub(super) accent: Colour,
    pub(super) accent_deep: Colour,
    pub(super) on_accent: Colour,
    pub(super) glow: Colour,
}

impl Palette {
    pub(super) fn of(accent: Colour, theme: Theme) -> Self {
        match theme {
            Theme::Light => Self::light(accent),
            Theme::Dark => Self::dark(accent),
        }
    }

    fn light(own: Colour) -> Self {
        let accent = own.oklch();
        let tint =
            |lightness, chroma, lean| Colour::nearest(tinted(accent, lightness, chroma, lean));
        let paper = tint(0.988, 0.0085, 30.0);
        let field = tint(0.947, 0.0214, 28.0);
        let glow = tint(0.908, 0.0654, 30.0);
        let words = [
            (paper, TEXT_CONTRAST),
            (Colour::WHITE, TEXT_CONTRAST),
            (field, TEXT_CONTRAST),
        ];
        let everywhere = [words[0], words[1], words[2], (glow, TEXT_CONTRAST)];
        let strong = [words[0], words[1], words[2], (glow, NON_TEXT_CONTRAST)];
        let darker = |from: Oklch, grounds: &[(Colour, f32)]| readable(from, -0.004, grounds);
        let shown = if is_readable(own, &strong) {
            own
        } else {
            darker(accent, &strong)
        };
        let is = shown.oklch();
        // A colour that is nearly black has no deeper shade.
        let deeper = if is.components[0] < 0.3 { 0.12 } else { -0.067 };
        Self {
            ink: darker(tinted(accent, 0.238, 0.031, 9.0), &everywhere),
            soft: darker(tinted(accent, 0.478, 0.0449, 14.0), &everywhere),
            line: tint(0.912, 0.025, 28.0),
            accent: shown,
            accent_deep: darker(shaded(is, deeper), &strong),
            on_accent: on(shown, Colour::BLACK),
            card: Colour::WHITE,
            paper,
            field,
            glow,
        }
    }

    fn dark(own: Colour) -> Self {
        let accent = own.oklch();
        let tint =
            |lightness, chroma, lean| Colour::nearest(tinted(accent, lightness, chroma, lean));
        let paper = tint(0.184, 0.0109, 2.0);
        let card = tint(0.227, 0.0163, 8.0);
        let field = tint(0.264, 0.0215, 11.0);
        let glow = tint(0.296, 0.0592, 13.0);
        let words = [
            (paper, TEXT_CONTRAST),
            (card, TEXT_CONTRAST),
            (field, TEXT_CONTRAST),
        ];
        let everywhere = [words[0], words[1], words[2], (glow, TEXT_CONTRAST)];
        let strong = [words[0], words[1], words[2], (glow, NON_TEXT_CONTRAST)];
        let lighter = |from: Oklch, grounds: &[(Colour, f32)]| readable(from, 0.004, grounds);
        let shown = accent.map(|lightness, chroma, hue| {
            [lightness.max(0.749), chroma * 0.893, leaning(hue, 7.0)]
        });
        let shown = lighter(shown, &strong);
        let is = shown.oklch();
        let deeper = if is.components[0] > 0.9 { -0.08 } else { 0.056 };
        Self {
            ink: lighter(tinted(accent, 0.956, 0.0204, 26.0), &everywhere),
            soft: lighter(tinted(accent, 0.77, 0.0394, 17.0), &everywhere),
            line: tint(0.308, 0.0255, 9.0),
            accent: shown,
            accent_deep: lighter(shaded(is, deeper), &strong),
            on_accent: on(shown, tint(0.209, 0.049, 4.0)),
            paper,
            card,
            field,
            glow,
        }
    }

    /// By their names in the CSS.
    pub(super) fn tokens(&self) -> [(&'static str, Colour); 10] {
        [
            ("paper", self.paper),
            ("card", self.card),
            ("ink", self.ink),
            ("soft", self.soft),
            ("line", self.line),
            ("field", self.field),
            ("accent", self.accent),
            ("accent-deep", self.accent_deep),
            ("on-accent", self.on_accent),
            ("glow", self.glow),
        ]
    }
}

/// A colour of this lightness with a little of the accent in it: `chroma` of a strong one,
/// in proportion of a weaker one, and none of a grey one.
fn tinted(accent: Oklch, lightness: f32, chroma: f32, lean: f32) -> Oklch {
    let [_, own, hue] = accent.components;
    let chroma = chroma * (own / FULL_CHROMA).min(1.0);
    Oklch::new([lightness, chroma, leaning(hue, lean)])
}

/// The hue that is `by` degrees nearer to [`WARM_HUE`].
fn leaning(hue: f32, by: f32) -> f32 {
    let way = (WARM_HUE - hue + 180.0).rem_euclid(360.0) - 180.0;
    (hue + way.clamp(-by, by)).rem_euclid(360.0)
}

fn shaded(colour: Oklch, by: f32) -> Oklch {
    colour.map(|lightness, chroma, hue| [lightness + by, chroma * 0.9, hue])
}

/// White or `dark`, whichever has more contrast.
fn on(ground: Colour, dark: Colour) -> Colour {
    if ground.contrast(Colour::WHITE) >= ground.contrast(dark) {
        Colour::WHITE
    } else {
        dark
    }
}

fn is_readable(colour: Colour, grounds: &[(Colour, f32)]) -> bool {
    grounds
        .iter()
        .all(|&(ground, enough)| colour.contrast(ground) >= enough)
}

/// The first colour from here, lighter or darker step by step, that can be read on all of them.
fn readable(mut colour: Oklch, step: f32, grounds: &[(Colour, f32)]) -> Colour {
    loop {
        let shown = Colour::nearest(colour);
        if is_readable(shown, grounds) || !(0.0..=1.0).contains(&colour.components[0]) {
            return shown;
        }
        colour.components[0] += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its colours that do not follow from the accent stand in it as they are.
    const STYLE: &str = include_str!("../../../../style/tokens.css");

    fn fixed(name: &str, theme: Theme) -> Colour {
        let (light, dark) = STYLE.split_once("(prefers-color-scheme: dark)").unwrap();
        let text = match theme {
            Theme::Light => light,
            Theme::Dark => dark,
        };
        let (_, after) = text.split_once(&format!("--{name}: ")).unwrap();
        Colour::parse(&after[..7]).unwrap()
    }

    /// Every pair of colours in which the CSS writes, and how much contrast it needs.
    fn pairs(palette: &Palette, theme: Theme) -> Vec<(&'static str, Colour, Colour, f32)> {
        let Palette {
            paper,
            card,
            ink,
            soft,
            field,
            accent,
            accent_deep,
            on_accent,
            glow,
            line: _,
        } = *palette;
        let good = fixed("good", theme);
        let care = fixed("care", theme);
        let good_field = fixed("good-field", theme);
        let care_field = fixed("care-field", theme);
        let mut pairs = vec![
            ("on-accent on accent", on_accent, accent, TEXT_CONTRAST),
            (
                "on-accent on accent-deep",
                on_accent,
                accent_deep,
                TEXT_CONTRAST,
            ),
            ("paper on ink", paper, ink, TEXT_CONTRAST),
            ("ink on glow", ink, glow, TEXT_CONTRAST),
            ("soft on glow", soft, glow, TEXT_CONTRAST),
            ("accent on glow", accent, glow, NON_TEXT_CONTRAST),
            ("good on good-field", good, good_field, TEXT_CONTRAST),
            ("care on care-field", care, care_field, TEXT_CONTRAST),
            ("ink on good-field", ink, good_field, TEXT_CONTRAST),
            ("ink on care-field", ink, care_field, TEXT_CONTRAST),
            ("soft on good-field", soft, good_field, TEXT_CONTRAST),
            ("soft on care-field", soft, care_field, TEXT_CONTRAST),
        ];
        for ground in [paper, card, field] {
            pairs.extend([
                ("ink", ink, ground, TEXT_CONTRAST),
                ("soft", soft, ground, TEXT_CONTRAST),
                ("accent", accent, ground, TEXT_CONTRAST),
                ("accent-deep", accent_deep, ground, TEXT_CONTRAST),
                ("good", good, ground, TEXT_CONTRAST),
                ("care", care, ground, TEXT_CONTRAST),
            ]);
        }
        pairs
    }

    #[test]
    fn every_accent_gives_readable_colours() {
        let steps = || (0..=255_u8).step_by(17);
        let mut least = f32::MAX;
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let accent = Colour::new(red, green, blue);
                    for theme in [Theme::Light, Theme::Dark] {
                        let palette = Palette::of(accent, theme);
                        for (pair, a, b, enough) in pairs(&palette, theme) {
                            let is = a.contrast(b);
                            assert!(is >= enough, "{accent} {theme:?} {pair} {a} {b} {is}");
                            least = least.min(is / enough);
                        }
                    }
                }
            }
        }
        // They are not all black on white.
        assert!(least < 1.05, "{least}");
    }

    fn told(theme: Theme) -> String {
        let palette = Palette::of(Colour::new(0xb4, 0x43, 0x1f), theme);
        let tokens = palette.tokens().map(|(_, colour)| colour.to_string());
        tokens.join(" ")
    }

    #[test]
    fn terracotta_makes_warm_paper() {
        assert_eq!(
            told(Theme::Light),
            "#fffaf5 #ffffff #2b1a12 #725646 #eedfd1 #f8ebdf #b4431f #983515 #ffffff #ffd9b3"
        );
        assert_eq!(
            told(Theme::Dark),
            "#17110f #231a16 #fbeee3 #c9ae9d #3b2c25 #2e221c #f58f61 #ffa680 #2a0f05 #44230f"
        );
    }

    #[test]
    fn a_readable_accent_is_the_merchants_own_and_another_is_made_so() {
        let accent = |text: &str, theme| Palette::of(Colour::parse(text).unwrap(), theme).accent;
        for own in ["#b4431f", "#0b5cad", "#000000", "#6a1b9a"] {
            assert_eq!(accent(own, Theme::Light).to_string(), own);
        }
        for own in ["#ffff00", "#39ff14", "#ffffff", "#999999"] {
            assert_ne!(accent(own, Theme::Light).to_string(), own);
        }
        assert_eq!(accent("#ffffff", Theme::Dark), Colour::WHITE);
    }

    #[test]
    fn grey_tints_nothing() {
        for (name, colour) in Palette::of(Colour::new(119, 119, 119), Theme::Light).tokens() {
            let [_, chroma, _] = colour.oklch().components;
            assert!(chroma < 0.001, "{name} {colour}");
        }
    }
}
