"""Tripartite synapse: a synapse with short-term plasticity, and the astrocyte that listens to it and answers.

Synapse      du/dt = -omega_f u,  dx/dt = omega_d (1 - x),  dy/dt = -omega_c y: transmitter in the cleft, mM;
             dg/dt = o_g g_a (1 - g) - omega_g g: presynaptic receptors bound by the astrocyte's transmitter g_a.
             At a spike: u_0 = (1 - g) u_rest + alpha g, u += u_0 (1 - u), r = u x, x -= r, y += rho_c y_total r;
             transmitted is w r. alpha = 0 makes the astrocyte lower the release, alpha = 1 raise it.
Astrocyte    gamma_a, bound receptors: o_n y_s (1 - gamma_a) - omega_n (1 + zeta ca / (ca + k_kc)) gamma_a
             ip3, uM: o_beta gamma_a + o_delta / (1 + ip3 / kappa_delta) ca^2 / (ca^2 + k_delta^2)
             - o_3k ca^4 / (ca^4 + k_d^4) ip3 / (ip3 + k_3k) - omega_5p ip3 + j_ex + j_gap
             ca, uM: (omega_c m^3 h^3 + omega_l) (c_total - (1 + rho_a) ca) - o_p ca^2 / (ca^2 + k_p^2)
             h: (h_inf - h) / tau_h; m = ip3 / (ip3 + d1) ca / (ca + d5), h_inf = q2 / (q2 + ca),
             tau_h = 1 / (o_2 (q2 + ca)), q2 = d2 (ip3 + d1) / (ip3 + d3)
             j_ex = -f_ex / 2 (1 + tanh((|ip3 - i_bias| - i_th) / i_width)) sign(ip3 - i_bias); off, f_ex = 0
Release      where ca crosses ca_th upward (the astrocyte's "spike"): g_a += rho_e g_total u_a x_a, x_a -= u_a x_a;
             dx_a/dt = omega_a (1 - x_a), dg_a/dt = -omega_e g_a; g_a in mM
Coupling     neurons = net.add(ensheathed(LIF), ...); TripartiteSynapse between neurons;
             net.connect(neurons, astrocytes, rule, synapse=ToAstrocyte, weight=1.0) sums the transmitter;
             net.connect(astrocytes, neurons, rule, synapse=FromAstrocyte, weight=1.0) brings g_a to their synapses.
Units        parameters per second, uM and mM as in the source; the equations hold the 1000 ms/s and 1000 uM/mM
Step         RK4 where nonlinear; dt <= 1 ms
Source       Stimberg, Goodman, Brette & De Pitta (2019), in: Computational Glioscience, Springer, ch. 18 (constants);
             De Pitta et al. (2011), PLoS Comput. Biol. 7:e1002293; De Pitta et al. (2009), J. Biol. Phys. 35:383.
"""

from __future__ import annotations

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["Astrocyte", "AstrocyteGapJunction", "FromAstrocyte", "ToAstrocyte", "TripartiteSynapse", "ensheathed"]

TripartiteSynapse = SynapseModel(
    name="TripartiteSynapse",
    doc="Synapse with short-term plasticity and presynaptic receptors for an astrocyte (Stimberg et al. 2019).",
    equations="""
        u_0   = (1 - g) * u_rest + alpha * g : 1
        du/dt = -omega_f * u / 1000          : 1
        dx/dt = omega_d * (1 - x) / 1000     : 1
        dy/dt = -omega_c * y / 1000          : mM
        dg/dt = (o_g * 1000 * g_a_post * (1 - g) - omega_g * g) / 1000 : 1
        y_s_post = y : mM (summed)
    """,
    transmit="w * (u + u_0 * (1 - u)) * x",
    on_pre="u += u_0 * (1 - u); y += rho_c * y_total * u * x; x -= u * x",
    parameters={
        "u_rest": 0.6, "omega_f": 3.33, "omega_d": 2.0, "rho_c": 0.005, "y_total": 500.0, "omega_c": 40.0, "o_g": 1.5,
        "omega_g": 0.5 / 60, "alpha": 0.0,
    },
    require="0 <= u_rest <= 1; 0 <= alpha <= 1; omega_f >= 0; omega_d >= 0; omega_c >= 0; o_g >= 0; omega_g >= 0",
    initial={"x": 1.0},
)  # fmt: skip

ToAstrocyte = SynapseModel(
    name="ToAstrocyte",
    doc="Brings w times the transmitter of all synapses onto an ensheathed neuron to its astrocyte.",
    equations="y_s_post = w * y_cleft_pre : mM (summed)",
)

FromAstrocyte = SynapseModel(
    name="FromAstrocyte",
    doc="Brings w times an astrocyte's transmitter to the synapses onto an ensheathed neuron.",
    equations="g_a_post = w * g_a_pre : mM (summed)",
)

AstrocyteGapJunction = SynapseModel(
    name="AstrocyteGapJunction",
    doc="IP3 that flows between two astrocytes whose levels differ by more than about i_th; connect both ways.",
    equations="""
        step       = ip3_post - ip3_pre : uM
        j_gap_post = -w * f / 2 * (1 + tanh((abs(step) - i_th) / i_width)) * sign(step) : uM/s (summed)
    """,
    parameters={"f": 2.0, "i_th": 0.3, "i_width": 0.05},
    require="i_width > 0",
)

Astrocyte = NeuronModel(
    name="Astrocyte",
    doc="Astrocyte with IP3, calcium and gliotransmission (Stimberg et al. 2019); its events are releases.",
    equations="""
        q2    = d2 * (ip3 + d1) / (ip3 + d3)        : uM
        m     = ip3 / (ip3 + d1) * ca / (ca + d5)   : 1
        j_er  = (omega_c * m**3 * h**3 + omega_l) * (c_total - (1 + rho_a) * ca) : uM/s
        j_ex  = -f_ex / 2 * (1 + tanh((abs(ip3 - i_bias) - i_th) / i_width)) * sign(ip3 - i_bias) : uM/s
        j_plc = o_beta * gamma_a + o_delta / (1 + ip3 / kappa_delta) * ca**2 / (ca**2 + k_delta**2) : uM/s
        j_3k  = o_3k * ca**4 / (ca**4 + k_d**4) * ip3 / (ip3 + k_3k) : uM/s
        unbinding  = omega_n * (1 + zeta * ca / (ca + k_kc)) : 1/s
        dgamma_a/dt = (o_n * 1000 * y_s * (1 - gamma_a) - unbinding * gamma_a) / 1000 : 1
        dip3/dt = (j_plc - j_3k - omega_5p * ip3 + j_ex + j_gap) / 1000 : uM
        dca/dt  = (j_er - o_p * ca**2 / (ca**2 + k_p**2)) / 1000 : uM
        dh/dt   = o_2 * (q2 - (q2 + ca) * h) / 1000 : 1
        dx_a/dt = omega_a * (1 - x_a) / 1000 : 1
        dg_a/dt = -omega_e * g_a / 1000 : mM
        ca_before : uM
    """,
    update="ca_before = ca",
    threshold="ca_before < ca_th and ca >= ca_th",
    reset="g_a += rho_e * g_total * u_a * x_a; x_a -= u_a * x_a",
    parameters={
        "o_p": 0.9, "k_p": 0.05, "c_total": 2.0, "rho_a": 0.18, "omega_c": 6.0, "omega_l": 0.1, "d1": 0.13,
        "d2": 1.05, "d3": 0.9434, "d5": 0.08, "o_2": 0.2, "o_beta": 3.2, "o_n": 0.3, "omega_n": 0.5, "k_kc": 0.5,
        "zeta": 10.0, "o_delta": 0.6, "kappa_delta": 1.5, "k_delta": 0.1, "omega_5p": 0.05, "k_d": 0.7, "k_3k": 1.0,
        "o_3k": 4.5, "f_ex": 0.0, "i_bias": 0.0, "i_th": 0.3, "i_width": 0.05, "ca_th": 0.5, "omega_a": 0.6,
        "u_a": 0.6, "g_total": 200.0, "rho_e": 6.5e-4, "omega_e": 60.0, "y_s": 0.0, "j_gap": 0.0,
    },
    require="""
        d1 > 0; d3 > 0; d5 > 0; k_p > 0; k_kc > 0; kappa_delta > 0; k_delta > 0; k_d > 0; k_3k > 0; i_width > 0
        o_p >= 0; o_2 >= 0; o_n >= 0; o_beta >= 0; o_delta >= 0; o_3k >= 0; omega_c >= 0; omega_l >= 0; omega_n >= 0
        omega_5p >= 0; omega_a >= 0; omega_e >= 0; 0 <= u_a <= 1
    """,
    initial={"ip3": 0.01, "ca": 0.01, "h": 0.9, "x_a": 1.0},
)  # fmt: skip


def ensheathed(model: NeuronModel) -> NeuronModel:
    """A neuron model whose synapses may be tripartite.

    Parameters
    ----------
    model : any neuron; it must not have names y_cleft, y_s and g_a of its own.

    Returns
    -------
    NeuronModel
        The same neuron with the state y_cleft, the transmitter of all synapses onto it (mM), and the parameters y_s
        and g_a, which TripartiteSynapse and FromAstrocyte sum into.

    Raises
    ------
    NeuroclError
        If it is no neuron model, or uses one of the names.
    """
    if not isinstance(model, NeuronModel):
        raise NeuroclError(f"ensheathed: expected a NeuronModel, got {shown(model)}")
    return model.replace(
        name=f"Ensheathed{model.name}",
        equations=f"{model.equations}\ny_cleft : mM",
        update=f"{model.update}\ny_cleft = y_s",
        parameters={"y_s": 0.0, "g_a": 0.0},
    )
