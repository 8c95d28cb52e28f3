using PkgForge.Web.Logs;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>What the API's document says of attempts.</summary>
internal static class AttemptOperations
{
    public static ApiOperation Log { get; } =
        EventOperations
            .Events(Parts(new("getLog", "Sends an attempt's log, or a part of it"), ResultFiles.Text))
            .More(
                "Parts by `Range` (RFC 9110, 14), where the log is not followed. Who asks for `text/event-stream` follows it as events `lines` and `end`."
            )
            .Query("follow", "Go on as the build prints, until the attempt has ended.", ApiValue.OneOf("1", "true"))
            .Query("offset", "Where to begin, in bytes, where the log is followed.", ApiValue.Number(0))
            .Query("compressed", "Send it as it is stored, packed by zstd.", ApiValue.OneOf("1", "true"))
            .Sends(LogDownload.ZstdType, "The log, packed.")
            .Sends(EventOperations.Type, "Its lines, until the attempt has ended.");

    public static ApiOperation Product { get; } =
        Parts(new("getProduct", "Sends a file that an attempt made, or a part of it"), ResultFiles.Bytes);

    public static ApiOperation Record { get; } =
        Parts(new("getRecord", "Sends what an attempt was made of and with, or a part of it"), ResultFiles.Text);

    public static ApiOperation Changes { get; } =
        new ApiOperation("getChanges", "Says what is different from the last success").Gives(
            ApiJson.Default.ChangesJson,
            "The differences."
        );

    /// <summary>A file, of which a part can be asked for.</summary>
    private static ApiOperation Parts(ApiOperation operation, string mediaType) =>
        operation
            .Header("Range", "The part that is asked for: `bytes=0-1023`.")
            .Sends(mediaType, "All of it.")
            .Sends(mediaType, "The part of it.", 206)
            .Fails(416)
            .Tagged();
}
