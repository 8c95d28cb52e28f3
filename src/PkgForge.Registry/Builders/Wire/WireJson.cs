using System.Text.Json.Serialization;

namespace PkgForge.Registry.Builders.Wire;

/// <summary>How the wire records are written: both sides use this one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(EnrolRequest))]
[JsonSerializable(typeof(EnrolAnswer))]
[JsonSerializable(typeof(AttachRequest))]
[JsonSerializable(typeof(AttachAnswer))]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(TaskAnswer))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(OrderAnswer))]
[JsonSerializable(typeof(RepositoryAnswer))]
[JsonSerializable(typeof(LengthAnswer))]
[JsonSerializable(typeof(EndRequest))]
[JsonSerializable(typeof(EndAnswer))]
[JsonSerializable(typeof(PutBackRequest))]
[JsonSerializable(typeof(PutBackAnswer))]
[JsonSerializable(typeof(RefuseRequest))]
[JsonSerializable(typeof(Problem))]
public sealed partial class WireJson : JsonSerializerContext;
