namespace PkgForge.Web.Api;

/// <summary>What the API's document says of uploads.</summary>
internal static class UploadOperations
{
    public static ApiOperation Describe { get; } =
        new ApiOperation("describeUploads", "Says how files are uploaded").Done(
            204,
            "What is understood of the protocol.",
            Version,
            new ApiHeader("Tus-Version", "The versions of the protocol.", ApiValue.Text),
            new ApiHeader("Tus-Extension", "Its extensions.", ApiValue.Text),
            new ApiHeader("Tus-Max-Size", "The bytes of the largest file.", ApiValue.Number(0))
        );

    public static ApiOperation Begin { get; } =
        new ApiOperation("beginUpload", "Begins the upload of a file")
            .Header("Upload-Length", "The bytes of the file.", ApiValue.Number(0), required: true)
            .Header("Upload-Metadata", "`filename`, a space, and the file's name in base64.", required: true)
            .Done(201, "It has begun.", Version, new ApiHeader("Location", "The upload's address.", ApiValue.Text))
            .Fails(400, 413);

    public static ApiOperation Tell { get; } =
        new ApiOperation("getUpload", "Says how much of a file the farm has").Done(
            200,
            "So much is there.",
            Version,
            Offset,
            new ApiHeader("Upload-Length", "The bytes of the file.", ApiValue.Number(0))
        );

    public static ApiOperation Append { get; } =
        new ApiOperation("continueUpload", "Sends bytes of a file")
            .More("What has come stays, also when the connection breaks.")
            .Header("Upload-Offset", "The bytes that the farm has.", ApiValue.Number(0), required: true)
            .Takes(UploadApi.Piece)
            .Done(204, "All of it has come.", Version, Offset)
            .Fails(400, 409, 413, 415);

    public static ApiOperation Remove { get; } =
        new ApiOperation("removeUpload", "Throws an upload away").Done(204, "It is gone.", Version);

    private static ApiHeader Version => new("Tus-Resumable", "The version of the protocol.", ApiValue.Text);

    private static ApiHeader Offset => new("Upload-Offset", "The bytes that the farm has now.", ApiValue.Number(0));
}
