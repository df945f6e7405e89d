from protocol.models import MODELS, Generation, model_name


def test_captured_models_have_their_names():
    assert (model_name(8), model_name(9)) == ("Ground Shock", "Skull")


def test_an_id_without_a_name_shows_its_number():
    assert model_name(13) == "model 13"


def test_disputed_ids_are_marked():
    assert [m.model_id for m in MODELS.values() if m.disputed] == [5, 6, 7]
    assert MODELS[1].generation is Generation.DRIVE
