"""Default parameters: those of the sources that the models name, in the units that they state."""

from __future__ import annotations

import pytest

import neurocl.models as library

LIF = {"c_mem": 250, "tau_mem": 10, "v_leak": -70, "v_th": -55, "v_reset": -70, "t_ref": 2, "tau_syn": 2}
CONDUCTANCE = {
    "c_mem": 200, "g_leak": 10, "v_leak": -60, "v_th": -50, "v_reset": -60, "t_ref": 5, "e_e": 0, "e_i": -80,
    "tau_e": 5, "tau_i": 10,
}  # fmt: skip
ADEX = {
    "c_mem": 281, "g_leak": 30, "v_leak": -70.6, "v_t": -50.4, "delta_t": 2, "tau_w": 144, "a": 4, "b": 80.5,
    "v_reset": -70.6, "v_peak": 20,
}  # fmt: skip
HODGKIN_HUXLEY = {"c_mem": 1, "g_na": 120, "g_k": 36, "g_leak": 0.3, "e_na": 50, "e_k": -77, "v_leak": -54.387}
STDP = {"a_plus": 0.01, "a_minus": 0.0105, "tau_plus": 20, "tau_minus": 20}
CLOPATH = {
    "tau_minus": 10, "tau_plus": 7, "tau_x": 15, "th_minus": -70.6, "th_plus": -45.3, "a_ltd": 14e-5, "a_ltp": 8e-5,
}  # fmt: skip
REWARD = {
    "a_plus": 0.1, "a_minus": 1.5 * 0.1, "tau_plus": 20, "tau_minus": 20, "tau_c": 1000, "w_min": 0, "w_max": 4,
}  # fmt: skip
TRIPARTITE = {
    "u_rest": 0.6, "omega_f": 3.33, "omega_d": 2, "rho_c": 0.005, "y_total": 500, "omega_c": 40, "o_g": 1.5,
    "omega_g": 0.5 / 60, "alpha": 0,
}  # fmt: skip
ASTROCYTE = {
    "o_p": 0.9, "k_p": 0.05, "c_total": 2, "rho_a": 0.18, "omega_c": 6, "omega_l": 0.1, "d1": 0.13, "d2": 1.05,
    "d3": 0.9434, "d5": 0.08, "o_2": 0.2, "o_beta": 3.2, "o_n": 0.3, "omega_n": 0.5, "k_kc": 0.5, "zeta": 10,
    "o_delta": 0.6, "kappa_delta": 1.5, "k_delta": 0.1, "omega_5p": 0.05, "k_d": 0.7, "k_3k": 1, "o_3k": 4.5,
    "i_th": 0.3, "i_width": 0.05, "ca_th": 0.5, "omega_a": 0.6, "u_a": 0.6, "g_total": 200, "rho_e": 6.5e-4,
    "omega_e": 60,
}  # fmt: skip
DEFAULTS: dict[str, dict[str, float]] = {
    "LIF": LIF,
    "LIFAlpha": LIF,
    "ALIF": {"tau_mem": 20, "tau_adapt": 200, "b0": 1, "beta": 1.8, "r_mem": 1},
    "AdEx": ADEX,
    "Izhikevich": {"a": 0.02, "b": 0.2, "c": -65, "d": 8, "v_peak": 30},
    "HodgkinHuxley": HODGKIN_HUXLEY,
    "ConductanceLIF": CONDUCTANCE,
    "NMDALIF": {"mg": 1, "e_nmda": 0},
    "NMDASynapse": {"tau_rise": 2, "tau_decay": 100, "alpha": 0.5},
    "PairSTDP": STDP,
    "NearestSTDP": STDP,
    "PresynapticNearestSTDP": STDP,
    "ReducedNearestSTDP": STDP,
    "ClopathSTDP": CLOPATH,
    "HomeostaticClopathSTDP": CLOPATH | {"u_ref2": 60},
    "BCM": {"eta": 5e-4},
    "VogelsInhibitory": {"tau": 20, "rate": 5},
    "IntrinsicRateUnit": {"eta": 1e-3, "mu": 0.1},
    "RewardSTDP": REWARD,
    "Dopamine": {"tau_d": 200},
    "TripartiteSynapse": TRIPARTITE,
    "Astrocyte": ASTROCYTE,
    "AstrocyteGapJunction": {"f": 2, "i_th": 0.3, "i_width": 0.05},
}
IZHIKEVICH = {
    "RS": (0.02, 0.2, -65, 8), "IB": (0.02, 0.2, -55, 4), "CH": (0.02, 0.2, -50, 2), "FS": (0.1, 0.2, -65, 2),
    "LTS": (0.02, 0.25, -65, 2), "RZ": (0.1, 0.26, -65, 2), "TC": (0.02, 0.25, -65, 0.05),
}  # fmt: skip
# C, g_L, E_L, V_T, D_T, a, tau_w, b, V_r, I
ADEX_PATTERNS = {
    "tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
}
COLUMNS = ("c_mem", "g_leak", "v_leak", "v_t", "delta_t", "a", "tau_w", "b", "v_reset", "i_ext")


@pytest.mark.parametrize("name", DEFAULTS)
def test_model_has_the_published_parameters(name: str) -> None:
    found = getattr(library, name).parameters
    assert {key: found[key] for key in DEFAULTS[name]} == pytest.approx(DEFAULTS[name], rel=1e-12)


def test_patterns_have_the_published_parameters() -> None:
    assert {name: tuple(p[key] for key in "abcd") for name, p in library.IZHIKEVICH_TYPES.items()} == IZHIKEVICH
    assert {name: tuple(p[key] for key in COLUMNS) for name, p in library.ADEX_PATTERNS.items()} == ADEX_PATTERNS
