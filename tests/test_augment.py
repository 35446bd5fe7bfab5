"""augment: where pixels come from, what is read there, and how random all of it is.

SciPy is the independent oracle. Its "grid-constant" is our paper: 0 at every place outside.
"""

import tracemalloc

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from netlib.augment import _affine_places, _elastic_field, _sample, augment

nan, inf = float("nan"), float("inf")
NONE = {"shift": 0, "rotation": 0, "scale": 0, "shear": 0, "elastic": 0}
ALL = {"shift": 2, "rotation": 20, "scale": 0.2, "shear": 0.2, "elastic": 1, "smoothness": 3}
PAPER = {"order": 1, "mode": "grid-constant", "cval": 0}


def noise(*shape, dtype=np.float32, seed=0):
    """Images in which no two pixels are alike."""
    return np.random.default_rng(seed).random(shape).astype(dtype)


def affine(image, right=0, down=0, angle=0, size=1, slant=0):
    """One image, slanted, resized, turned and shifted by known amounts; the angle is in radians."""
    numbers = (np.full((1, 1, 1), n, np.float32) for n in (right, down, angle, size, slant))
    return _sample(image[None], *_affine_places(*image.shape, *numbers))[0]


def matrix(angle, size, slant):
    """A: (y, x) from the centre, y down, before the distortion -> after it; slant comes first."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([size, size]) @ np.array([[1, 0], [-slant, 1]])


def places(images, seed=0, side=41, **strengths):
    """Where augment looks for each pixel: (rows, columns), counted from the centre.

    An image whose pixels are their own row numbers answers with the rows, as bilinear reading
    of a ramp is exact; it does so only where the place is inside the image.
    """
    ramp = np.broadcast_to(np.arange(side, dtype=float)[:, None], (images, side, side))
    rows = augment(ramp, seed, **NONE | strengths)
    columns = augment(ramp.transpose(0, 2, 1), seed, **NONE | strengths)
    return rows - side // 2, columns - side // 2


def middle(rows, columns):
    """Of `places`: q at the central pixel, (m, 2), and by how much q changes from it, (m, 2, 2).

    The last is A⁻¹: its first column for a step down, its second for a step to the right.
    """
    q, c = np.stack([rows, columns], axis=1), rows.shape[1] // 2
    down, right = q[:, :, c + 1, c] - q[:, :, c, c], q[:, :, c, c + 1] - q[:, :, c, c]
    return q[:, :, c, c], np.stack([down, right], axis=2)


def assert_even(values, lowest, highest):
    """All between two limits, and spread evenly there (Kolmogorov and Smirnov's test)."""
    assert lowest - 1e-4 <= values.min() and values.max() <= highest + 1e-4
    assert scipy.stats.kstest(values, "uniform", (lowest, highest - lowest)).pvalue > 0.01


# --- reading between pixels ---------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("height, width", [(6, 6), (5, 9), (1, 4), (1, 1)])
def test_reading_between_pixels_is_bilinear_and_outside_is_paper(height, width, dtype):
    images = noise(20, height, width, dtype=dtype)
    rng = np.random.default_rng(1)
    rows = rng.uniform(-4, height + 4, (20, 30, 30)).astype(np.float32)
    columns = rng.uniform(-4, width + 4, (20, 30, 30)).astype(np.float32)
    values = _sample(images, rows, columns)
    assert values.dtype == dtype
    for image, row, column, value in zip(images, rows, columns, values, strict=True):
        expected = scipy.ndimage.map_coordinates(image, [row, column], **PAPER)
        np.testing.assert_allclose(value, expected, atol=1e-6)


def test_reading_at_a_pixel_gives_that_pixel():
    images = noise(3, 4, 5)
    rows, columns = np.indices((4, 5), np.float32)
    assert (_sample(images, rows[None].repeat(3, 0), columns[None].repeat(3, 0)) == images).all()


def test_between_equal_pixels_there_is_exactly_the_same():
    grey = np.full((1, 4, 4), 0.1, np.float32)
    rows = np.random.default_rng(0).uniform(0, 3, (1, 50, 50)).astype(np.float32)
    assert (_sample(grey, rows, rows.transpose(0, 2, 1)) == np.float32(0.1)).all()


def test_just_outside_an_image_its_edge_fades_into_paper():
    image = np.ones((1, 3, 3), np.float32)
    rows = np.array([[[-1, -0.75, 0, 2, 2.25, 3, 99]]], np.float32)
    values = _sample(image, rows, np.ones_like(rows))
    assert values.ravel().tolist() == [0, 0.25, 1, 1, 0.75, 0, 0]


# --- known distortions --------------------------------------------------------------------


@pytest.mark.parametrize("right, down", [(0, 0), (2, 0), (0, 3), (-1, 2), (4, -3), (-7, 0), (9, 9)])
def test_a_shift_by_whole_pixels_moves_them_exactly(right, down):
    image = noise(6, 7)
    expected = scipy.ndimage.shift(image, (down, right), order=0, mode="constant")
    assert (affine(image, right, down) == expected).all()


def test_a_shift_to_the_right_and_down_goes_there_and_leaves_paper_behind():
    moved = affine(np.ones((4, 4)), right=1, down=2)
    assert (moved == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 1]]).all()


def test_half_a_pixel_mixes_two_neighbours():
    assert affine(np.array([[0, 1.0, 0, 0]]), right=0.5).tolist() == [[0, 0.5, 0.5, 0]]


@pytest.mark.parametrize("side", [5, 8])
@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_a_positive_angle_turns_counterclockwise_about_the_centre(side, quarters):
    image = noise(side, side)
    turned = affine(image, angle=quarters * np.pi / 2)
    np.testing.assert_allclose(turned, np.rot90(image, quarters), atol=1e-5)


def test_size_two_is_twice_as_large_about_the_centre():
    image = np.zeros((9, 9))
    image[3:6, 4] = 1  # a stroke of 3 pixels becomes one of 6, and 2 wide
    large = affine(image, size=2)
    assert large.sum() == pytest.approx(4 * image.sum())
    assert large.sum(axis=0).tolist() == [0, 0, 0, 3, 6, 3, 0, 0, 0]
    assert large.sum(axis=1).tolist() == [0, 1, 2, 2, 2, 2, 2, 1, 0]


def test_a_positive_slant_leans_to_the_right_as_italics_do():
    image = np.zeros((5, 5))
    image[:, 2] = 1
    assert (affine(image, slant=1) == np.eye(5)[::-1]).all()


@pytest.mark.parametrize("seed", range(10))
def test_all_together_slant_then_resize_and_turn_then_shift_as_scipy_does(seed):
    rng = np.random.default_rng(seed)
    image = noise(*rng.integers(5, 30, 2), dtype=float, seed=seed)
    right, down, angle, slant = rng.uniform(-2, 2, 4)
    size = rng.uniform(0.5, 2)
    back = np.linalg.inv(matrix(angle, size, slant))
    centre = (np.array(image.shape) - 1) / 2
    offset = centre - back @ np.add(centre, [down, right])
    expected = scipy.ndimage.affine_transform(image, back, offset, **PAPER)
    np.testing.assert_allclose(affine(image, right, down, angle, size, slant), expected, atol=1e-4)


# --- the elastic field --------------------------------------------------------------------


def test_displacements_have_mean_0_and_standard_deviation_1_everywhere():
    u = _elastic_field(4000, 12, 9, 3, np.random.default_rng(0))
    assert u.shape == (4000, 2, 12, 9)
    assert abs(u.mean(axis=0)).max() < 0.08  # 5 / √4000
    assert abs(u.std(axis=0) - 1).max() < 0.06  # 5 / √(2 · 4000)


@pytest.mark.parametrize("smoothness", [1, 2.5, 4])
def test_neighbours_move_together_as_in_a_field_blurred_by_scipy(smoothness):
    """Blurred noise correlates with itself, k pixels further, by exp(−k²/4σ²)."""
    u = _elastic_field(300, 60, 60, smoothness, np.random.default_rng(0))[:, 0]
    r = np.random.default_rng(1).normal(size=(300, 60, 60))
    by_scipy = scipy.ndimage.gaussian_filter(r, (0, smoothness, smoothness), mode="constant")
    inside = slice(16, 44)
    for k in range(0, 13, 3):
        for further in ((slice(16 + k, 44 + k), inside), (inside, slice(16 + k, 44 + k))):
            ours, scipys = (
                np.corrcoef(field[:, inside, inside].ravel(), field[:, *further].ravel())[0, 1]
                for field in (u, by_scipy)
            )
            assert ours == pytest.approx(np.exp(-((k / smoothness) ** 2) / 4), abs=0.03)
            assert ours == pytest.approx(scipys, abs=0.05)


def test_displacements_down_and_to_the_right_of_different_images_are_independent():
    u = _elastic_field(1000, 8, 8, 2, np.random.default_rng(0)).reshape(2000, -1)
    assert abs(np.corrcoef(u[0::2, 30], u[1::2, 30])[0, 1]) < 0.15
    assert abs(np.corrcoef(u[:-2, 30], u[2:, 30])[0, 1]) < 0.1


def test_elastic_is_the_standard_deviation_of_displacements_in_pixels():
    for elastic in (0.5, 1.5):
        rows, columns = places(2000, elastic=elastic, smoothness=4)
        assert rows[:, 20, 20].std() == pytest.approx(elastic, rel=0.06)
        assert columns[:, 20, 20].std() == pytest.approx(elastic, rel=0.06)


def test_simards_alpha_34_and_sigma_4_are_elastic_1_4():
    r = np.random.default_rng(0).uniform(-1, 1, (300, 60, 60))
    simards = 34 * scipy.ndimage.gaussian_filter(r, (0, 4, 4))
    assert simards[:, 20:40, 20:40].std() == pytest.approx(1.4, abs=0.05)


# --- how strengths are drawn --------------------------------------------------------------


def test_shifts_are_spread_evenly_both_ways():
    q, _ = middle(*places(2000, shift=3))
    assert_even(q[:, 0], -3, 3)
    assert_even(q[:, 1], -3, 3)
    assert abs(np.corrcoef(q.T)[0, 1]) < 0.1


def test_angles_are_spread_evenly_in_degrees():
    q, back = middle(*places(2000, rotation=25))
    angles = np.degrees(np.arctan2(back[:, 0, 1], back[:, 0, 0]))
    assert_even(angles, -25, 25)
    np.testing.assert_allclose(np.linalg.det(back), 1, atol=1e-4)
    np.testing.assert_allclose(q, 0, atol=1e-4)


def test_sizes_are_spread_evenly_about_100_percent():
    q, back = middle(*places(2000, scale=0.3))
    assert_even(1 / back[:, 0, 0], 0.7, 1.3)
    np.testing.assert_allclose(back, back[:, :1, :1] * np.eye(2), atol=1e-4)
    np.testing.assert_allclose(q, 0, atol=1e-4)


def test_slants_are_spread_evenly():
    _, back = middle(*places(2000, shear=0.4))
    assert_even(back[:, 1, 0], -0.4, 0.4)
    back[:, 1, 0] = 0
    np.testing.assert_allclose(back, np.eye(2)[None].repeat(2000, 0), atol=1e-4)


def test_to_change_one_strength_leaves_the_draws_of_the_others():
    def near_the_middle(**strengths):
        return np.stack(places(50, **strengths))[:, :, 15:26, 15:26]

    still, shifted = near_the_middle(), near_the_middle(shift=2)
    for other in ({"elastic": 1}, {"rotation": 10}):
        alone, with_shift = near_the_middle(**other), near_the_middle(shift=2, **other)
        moved = with_shift - alone  # A⁻¹ t, and t is as long as without the other
        lengths = [np.hypot(*d)[:, 5, 5] for d in (moved, shifted - still)]
        np.testing.assert_allclose(*lengths, atol=1e-4)
    turned, slanted = near_the_middle(rotation=10), near_the_middle(rotation=10, shear=0.2)
    np.testing.assert_allclose(slanted[0], turned[0], atol=1e-4)  # a slant is sideways: rows stay
    assert abs(slanted[1] - turned[1]).max() > 0.5


def test_draws_of_one_image_do_not_hang_together():
    q, back = middle(*places(2000, shift=1, rotation=5, scale=0.1, shear=0.1))
    angle, size = np.arctan2(back[:, 0, 1], back[:, 0, 0]), np.linalg.det(back)
    slant = (back[:, :, 0] * back[:, :, 1]).sum(axis=1)
    drawn = np.corrcoef([q[:, 0], q[:, 1], angle, size, slant])
    assert abs(drawn - np.eye(5)).max() < 0.15


# --- all of augment -----------------------------------------------------------------------


def by_scipy(images, seed, shift, rotation, scale, shear, elastic, smoothness):
    """The same distortions from the same random numbers, one image after the other."""
    rng = np.random.default_rng(seed)
    m, height, width = images.shape
    right, down = rng.uniform(-shift, shift, m), rng.uniform(-shift, shift, m)
    angle = np.radians(rng.uniform(-rotation, rotation, m))
    size = rng.uniform(1 - scale, 1 + scale, m)
    slant = rng.uniform(-shear, shear, m)
    r = rng.random((m, 2, height, width), dtype=np.float32)

    def blur(u):
        return scipy.ndimage.gaussian_filter(u, smoothness, mode="constant", truncate=20)

    # what the blur makes of the standard deviation of a pixel, √(1/12) in r
    left = np.hypot.reduce(
        [blur(one) for one in np.eye(height * width).reshape(-1, height, width)]
    ) / np.sqrt(12)
    grid, centre = np.indices((height, width)), (np.array([height, width]) - 1) / 2
    new = []
    for i, image in enumerate(images):
        back = np.linalg.inv(matrix(angle[i], size[i], slant[i]))
        p = grid - np.add(centre, [down[i], right[i]])[:, None, None]
        q = centre[:, None, None] + np.einsum("ij,jyx->iyx", back, p)
        q += elastic * np.stack([blur(r[i, axis] - 0.5) / left for axis in (0, 1)])
        new.append(scipy.ndimage.map_coordinates(image, q, **PAPER))
    return np.stack(new)


@pytest.mark.parametrize("height, width", [(28, 28), (11, 16)])
def test_scipy_makes_the_same_of_the_same_random_numbers(height, width):
    images = noise(5, height, width, dtype=float)
    expected = by_scipy(images, 3, **ALL)
    np.testing.assert_allclose(augment(images, 3, **ALL), expected, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(70, 784), (3, 5, 8), (2, 1, 1), (4, 49)])
def test_without_strength_images_come_back_equal_but_new(shape, dtype):
    images = noise(*shape, dtype=dtype)
    new = augment(images, 0, **NONE)
    assert (new == images).all()
    assert not np.shares_memory(new, images)


def test_the_same_seed_gives_the_same_and_another_seed_another_result():
    images = noise(100, 784)
    first = augment(images, 7)
    assert (augment(images, 7) == first).all()
    assert (augment(images, np.random.default_rng(7)) == first).all()
    assert not (augment(images, 8) == first).all(axis=1).any()


def test_a_generator_goes_on_so_the_next_epoch_looks_different():
    images, rng = noise(10, 784), np.random.default_rng(0)
    assert not (augment(images, rng) == augment(images, rng)).all(axis=1).any()


@pytest.mark.parametrize("strength", ["shift", "rotation", "scale", "shear", "elastic"])
def test_each_strength_alone_gives_every_image_a_distortion_of_its_own(strength):
    images = noise(1, 784).repeat(300, axis=0)
    new = augment(images, 0, **NONE | {strength: 0.5})
    assert len(np.unique(new, axis=0)) == 300


def test_the_result_does_not_depend_on_how_many_images_are_worked_on_at_a_time(monkeypatch):
    images = noise(150, 784)
    whole = augment(images, 0)
    for block in (1, 3000, 784 * 149, 10**9):
        monkeypatch.setitem(augment.__globals__, "BLOCK", block)
        assert (augment(images, 0) == whole).all()


def test_rows_and_pictures_of_the_same_images_give_the_same():
    images = noise(70, 784)
    pictures = augment(images.reshape(-1, 28, 28), 0)
    assert pictures.shape == (70, 28, 28)
    assert (augment(images, 0) == pictures.reshape(-1, 784)).all()


def test_float64_gives_the_same_pictures_in_float64():
    images = noise(70, 784)
    single, double = augment(images, 0), augment(images.astype(float), 0)
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(single, double, atol=1e-6)


def test_strengths_may_be_numpy_numbers():
    images = noise(5, 784)
    strengths = {name: np.float64(value) for name, value in ALL.items()}
    assert (augment(images, 0, **strengths) == augment(images, 0, **ALL)).all()


def test_the_input_is_not_changed_and_may_be_read_only():
    images = noise(70, 784)
    before = images.copy()
    images.flags.writeable = False
    new = augment(images, 0)
    assert (images == before).all()
    assert new.flags.writeable


def test_how_the_input_lies_in_memory_does_not_matter():
    images = noise(70, 784)
    expected = augment(images, 0)
    every_other = np.zeros((140, 1568), np.float32)[::2, ::2]
    every_other[:] = images
    backwards = images[::-1].copy()[::-1]
    for same in (np.asfortranarray(images), every_other, backwards, images.tolist()):
        np.testing.assert_allclose(augment(same, 0), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(0, 784), (0, 28, 28), (0, 3, 5), (4, 0), (4, 0, 3)])
def test_no_images_give_no_images(shape):
    new = augment(np.zeros(shape, np.float32), 0)
    assert new.shape == shape and new.dtype == np.float32


def test_memory_beyond_the_result_is_a_few_megabytes():
    images = np.asfortranarray(noise(8000, 784))  # 25 MB, and a whole copy would show
    tracemalloc.start()
    new = augment(images, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - new.nbytes < 10e6


strengths = st.floats(0, 50) | st.floats(0, 1e6, exclude_max=True)


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(1, 12)),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from(["noise", "ink", "black and white"]),
    st.integers(0, 2**32),
    st.fixed_dictionaries(
        {name: strengths for name in ("shift", "rotation", "shear", "elastic")}
        | {"scale": st.floats(0, 1, exclude_max=True)}
        | {"smoothness": st.floats(0.1, 1e6, exclude_max=True)}
    ),
)
def test_any_strength_gives_pixels_from_0_to_1(shape, dtype, kind, seed, strengths):
    images = noise(*shape, dtype=dtype, seed=seed)
    images = {"noise": images, "ink": np.ones_like(images)}.get(kind, images.round())
    new = augment(images, seed, **strengths)
    assert new.shape == shape and new.dtype == dtype
    assert new.min() >= 0 and new.max() <= 1


def test_by_default_nearly_all_the_ink_of_a_digit_stays_in_the_picture(mnist):
    images = mnist.images[:1000]
    new = augment(images, 0)
    assert new.mean() == pytest.approx(images.mean(), rel=0.03)
    corners = new.reshape(-1, 28, 28)[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.mean() < 1e-3


def test_a_refused_call_draws_nothing():
    rng, untouched = np.random.default_rng(0), np.random.default_rng(0)
    with pytest.raises(ValueError, match="shear"):
        augment(np.full((4, 9), 0.5), rng, shear=-1)
    assert rng.random() == untouched.random()
