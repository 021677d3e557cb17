"""What a server says of itself: reflection lists and describes its services, health says SERVING."""

import json

import grpc
import pytest
from clients import protos as p
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICES = ["complaints", "directory", "sla", "leads", "orders", "scoring"]
HEALTH = "grpc.health.v1.Health"


def _messages():
    """The reflection and health messages as far as they are needed here, by the numbers of their published protos."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="steward_tests/reflection.proto", package="steward_tests", syntax="proto3")

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            added = made.field.add(name=field, number=number, label=kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL)
            if isinstance(kind, str):
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".steward_tests.{kind}"
            else:
                added.type = kind

    message("Request", ("file_containing_symbol", 4, kinds.TYPE_STRING, False), ("list_services", 7, kinds.TYPE_STRING, False))
    message("Files", ("file_descriptor_proto", 1, kinds.TYPE_BYTES, True))
    message("Named", ("name", 1, kinds.TYPE_STRING, False))
    message("Names", ("service", 1, "Named", True))
    message("Response", ("files", 4, "Files", False), ("names", 6, "Names", False))
    message("HealthRequest", ("service", 1, kinds.TYPE_STRING, False))
    message("HealthResponse", ("status", 1, kinds.TYPE_INT32, False))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"steward_tests.{name}"))


MESSAGES = _messages()
SERVING, SERVICE_UNKNOWN = 1, 3


def ask(system, service, **question):
    call = system.channel(service).stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                                 request_serializer=lambda m: m.SerializeToString(),
                                                 response_deserializer=MESSAGES("Response").FromString)
    [answer] = call(iter([MESSAGES("Request")(**question)]), timeout=10)
    return answer


def check(system, service, name):
    call = system.channel(service).unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda m: m.SerializeToString(),
                                               response_deserializer=MESSAGES("HealthResponse").FromString)
    return call(MESSAGES("HealthRequest")(service=name), timeout=10).status


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_listed_and_described(system, service):
    known = [*p.services_of(service), p.operations.DESCRIPTOR.services_by_name["OperationsService"]]
    names = {s.name for s in ask(system, service, list_services="*").names.service}
    assert {s.full_name for s in known} | {HEALTH} <= names
    for name in names:
        files = [descriptor_pb2.FileDescriptorProto.FromString(f)
                 for f in ask(system, service, file_containing_symbol=name).files.file_descriptor_proto]
        described = {f"{f.package}.{s.name}": [m.name for m in s.method] for f in files for s in f.service}
        assert described.get(name), f"{name} is listed, but not described"
        for each in known:
            if each.full_name == name:
                assert described[name] == [m.name for m in each.methods]


@pytest.mark.parametrize("service", SERVICES)
def test_health_is_serving_without_a_token(system, service):
    assert check(system, service, "") == SERVING
    for own in p.services_of(service):
        assert check(system, service, own.full_name) == SERVING
    with pytest.raises(grpc.RpcError) as refused:
        check(system, service, "no.such.Service")
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


def watch(system, service, name):
    call = system.channel(service).unary_stream("/grpc.health.v1.Health/Watch", request_serializer=lambda m: m.SerializeToString(),
                                                response_deserializer=MESSAGES("HealthResponse").FromString)
    return call(MESSAGES("HealthRequest")(service=name), timeout=20)


@pytest.mark.parametrize("service", SERVICES)
def test_a_watch_says_the_state_at_once_without_a_token(system, service):
    own = [(s.full_name, SERVING) for s in p.services_of(service)]
    for name, state in (("", SERVING), *own, ("no.such.Service", SERVICE_UNKNOWN)):
        stream = watch(system, service, name)
        assert next(stream).status == state, name
        stream.cancel()


@pytest.mark.parametrize(("name", "works"), [("", True), ("steward.complaints.v1.ComplaintsService", True), ("no.such.Service", False)])
def test_a_client_that_follows_health_calls_what_serves(system, name, works):
    config = json.dumps({"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": name}})
    with grpc.insecure_channel(system.stack.address("complaints"), options=[("grpc.service_config", config)]) as channel:
        call = p.operations_grpc.OperationsServiceStub(channel).GetVersion
        headers = [("authorization", f"Bearer {system.token}")]
        if works:
            assert call(p.operations.GetVersionRequest(), timeout=10, metadata=headers).service == "complaints"
        else:
            with pytest.raises(grpc.RpcError) as refused:
                call(p.operations.GetVersionRequest(), timeout=10, metadata=headers)
            assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
