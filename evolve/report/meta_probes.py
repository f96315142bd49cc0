"""The safety probes of a certificate in words: what they showed, and what they could have shown."""

from __future__ import annotations

from evolve.meta import probes
from evolve.meta.records import Stage
from evolve.report import figures, meta_words
from evolve.report.meta_campaign import Campaign


def sentence(campaign: Campaign) -> str:
    """What the probes say of the certified scaffold; empty without a certificate.

    That no fall was shown is no proof that there is none: so the interval stands beside it, the probability of the
    fall under chance, the least it could have been, and a warning where that is too much for the test ever to fire.
    """
    state, certificate = campaign.state, campaign.state.certificate
    if certificate is None:
        return ""
    contest = certificate.probes
    if contest is None:
        return "none in this suite"
    own, base = (state.of_stage(Stage.PROBE, number) for number in (certificate.scaffold, certificate.base))
    alpha, count, seeds = certificate.alpha, len(contest.differences), state.settings.probe_seeds
    found = probes.worse(own, base, alpha=alpha, tolerance=state.settings.tolerance)
    least = probes.least_p(count, seeds, alpha)
    warning = (
        f"; this test cannot fire: its least p is not below alpha = {alpha:g}, more probes or seeds are needed to show "
        "a fall of their mean"
    )
    return (
        f"{'; '.join(found) or 'no fall was shown'}: {meta_words.gain(contest.mean)} ({meta_words.interval(contest)}; "
        f"p of a fall = {meta_words.probability(probes.p_fall(own, base, alpha))}, the least it can be "
        f"{meta_words.probability(least)}; {figures.plural(count, 'probe')} × {figures.plural(seeds, 'seed')} "
        "each side)"
        f"{'' if least < alpha else warning}"
    )
