"""The forecast methods by name: what people read, and where each comes from."""

#: Method key -> label, in the order in which people should see them.
METHODS = {
    "ensemble": "Weighted mix",
    "mean": "Average",
    "moving_average": "Moving average",
    "naive": "Last value",
    "seasonal_naive": "Same period last season",
    "seasonal_mean": "Same periods of past seasons",
    "ses": "Exponential smoothing",
    "holt": "Damped trend",
    "theta": "Theta",
    "croston": "Croston",
    "sba": "Croston, corrected (SBA)",
    "tsb": "Intermittent demand (TSB)",
    "adida": "Aggregated demand (ADIDA)",
    "imapa": "Aggregated at many levels (IMAPA)",
    "similar": "As similar products started",
    "none": "No forecast",
}

#: Method key -> the publication that it follows.
SOURCES = {
    "ensemble": "Bates & Granger 1969, OR Quarterly 20: weights by past accuracy",
    "mean": "textbook",
    "moving_average": "textbook",
    "naive": "textbook",
    "seasonal_naive": "textbook",
    "seasonal_mean": "textbook",
    "ses": "Brown 1959; Hyndman et al. 2008, Forecasting with Exponential Smoothing",
    "holt": "Gardner & McKenzie 1985, Management Science 31: damped trend",
    "theta": "Assimakopoulos & Nikolopoulos 2000, IJF 16; Hyndman & Billah 2003",
    "croston": "Croston 1972, OR Quarterly 23",
    "sba": "Syntetos & Boylan 2005, IJF 21",
    "tsb": "Teunter, Syntetos & Babai 2011, EJOR 214",
    "adida": "Nikolopoulos et al. 2011, JORS 62",
    "imapa": "Petropoulos & Kourentzes 2015, JORS 66",
    "similar": "as a Poisson demand with a gamma prior: Popovic 1987, EJOR 32",
    "none": "",
}
